#!/usr/bin/env bash
# Install tijian from the offline bundle this file lies in. Never uses a network. README.md beside it tells the
# administrator more; `install.sh --help` the options.
set -euo pipefail
umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { printf '[安装] %s\n' "$*"; }
fail() {
  printf '[安装失败] %s\n' "$@" >&2
  exit 1
}

usage() {
  cat <<'HELP'
用法：bash install.sh [--prefix 目录] [--python 解释器] [--system]

  --prefix 目录      装到这个目录，默认 ~/.local/share/tijian；root 写明时命令链接到 /usr/local/bin，供所有人使用
  --python 解释器    用这个 Python，如 /opt/python3.11/bin/python3.11；默认自己找
  --system           只装系统软件包和字体（需要 root），不装 tijian

不联网。重复运行没有害处；装新版本时体检项目的目录不动。
HELP
}

prefix='' python='' system_only=''
while [ $# -gt 0 ]; do
  case $1 in
    --prefix | --python)
      [ -n "${2:-}" ] || fail "$1 后面要写${1/--prefix/目录}。"
      if [ "$1" = --prefix ]; then prefix=$2; else python=$2; fi
      shift
      ;;
    --system) system_only=yes ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  shift
done

say "核对安装包的 SHA-256"
(cd "$here" && sha256sum --quiet --check SHA256SUMS) ||
  fail "安装包不完整或被改动过（见上面的文件名），没有安装任何东西。请重新拷贝、重新解压。"
source "$here/bundle.env" # VERSION, PYTHONS, GLIBC
source "$here/machine.sh"

root='' home=${HOME:?请先设好 HOME}
[ "$(id -u)" -ne 0 ] || root=yes
bin=$home/.local/bin
[ -z "$root" ] || [ -z "$prefix" ] || bin=/usr/local/bin
prefix=${prefix:-$home/.local/share/tijian}
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
target=$prefix/$VERSION

# The bundle's wheels run on this processor and C library, or there is no point in going on.
check_machine() {
  local glibc
  [ "$(uname -m)" = x86_64 ] || fail "本安装包用于 x86-64（AMD64）处理器，这台机器是 $(uname -m)。"
  glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed 's/.* //') || glibc=''
  [[ $glibc == 2.* ]] && [ "${glibc#2.}" -ge "$GLIBC" ] ||
    fail "需要 glibc 2.$GLIBC 或更高版本（Debian 10、统信 UOS 20、银河麒麟 V10 SP1 起），本机是 ${glibc:-其他 C 库}。"
}

# Whether the bundle's Debian packages are for this system, and it has what installs them.
takes_packages() {
  [ -e "$here/debs/Packages" ] && command -v apt-get >/dev/null &&
    (. /etc/os-release && [ "$ID$VERSION_ID" = debian12 ]) 2>/dev/null
}

find_python() {
  local version wanted='' names=()
  for version in $PYTHONS; do
    names+=("python$version")
    wanted+="(3, ${version#3.}), "
  done
  choose_python "v in ($wanted)" ${python:+"$python"} $([ -n "$python" ] || echo "${names[@]}" python3)
}

# One line per system package this machine lacks: "Debian package<tab>why".
missing_packages() {
  local found
  missing_libraries
  if ! found=$(find_python); then
    [ -z "$python" ] || fail "$python 不能用：要能运行，版本是 ${PYTHONS// /、}。"
    printf 'python3.11-venv\tPython 3.11 和它的虚拟环境\n'
  elif ! makes_environments "$found"; then
    printf '%s\t创建 Python 虚拟环境\n' "$(venv_package "$found")"
  fi
}

# Install the packages named, with what they need, from the bundle's own folder; the system's sources are not asked.
install_packages() {
  local work apt
  work=$(mktemp -d)
  ln -s "$here/debs" "$work/debs"
  printf 'deb [trusted=yes] file:%s/debs ./\n' "$work" >"$work/sources.list"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o "Dir::Etc::SourceList=$work/sources.list"
    -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache"
    -o APT::Sandbox::User=root -o Acquire::Languages=none)
  if ! "${apt[@]}" update || ! "${apt[@]}" install -y --no-install-recommends "$@" >"$work/log" 2>&1; then
    tail -n 20 "$work/log" >&2 || true
    rm -rf "$work"
    fail "系统软件包没有装好（见上）。可先用本单位的软件源装好 $*，再重新运行本程序。"
  fi
  rm -rf "$work"
}

provide_packages() {
  local missing packages
  missing=$(missing_packages)
  if [ -z "$missing" ]; then
    say "系统软件包：都有，不用装"
    return
  fi
  say "缺少以下系统软件包："
  sed 's/^/         /; s/\t/：/' <<<"$missing"
  mapfile -t packages < <(cut -f1 <<<"$missing")
  if ! takes_packages && [ "${packages[*]}" = libharfbuzz-subset0 ]; then
    say "安装包里没有适用于本系统的，可以没有它，接着装"
    return
  fi
  takes_packages || fail "安装包里没有适用于本系统的软件包。请管理员用本单位的软件源装好与上列对应的软件包，再重新运行。" \
    "Debian 系：apt-get install ${packages[*]}；要的 Python 版本是 ${PYTHONS// /、}，可用 --python 指明。"
  [ -n "$root" ] || fail "安装系统软件包需要 root。请管理员执行下面一条（不联网），然后重新运行本程序：" \
    "  sudo bash $(printf %q "$here/install.sh") --system"
  say "从安装包里装这些软件包和它们所依赖的"
  install_packages "${packages[@]}"
}

provide_fonts() {
  local fonts=$home/.local/share/fonts/tijian
  [ -z "$root" ] || fonts=/usr/local/share/fonts/tijian
  if has_report_fonts; then
    say "中文字体：本机已有 Noto CJK，不用装"
  elif [ -d "$here/fonts" ]; then
    say "中文字体：装到 $fonts"
    mkdir -p "$fonts"
    cp "$here"/fonts/* "$fonts/"
  else
    fail "本机没有 Noto CJK 字体，安装包里也没有。请先装好 fonts-noto-cjk（思源黑体、思源宋体）。"
  fi
}

# A version lives in a folder of its own and the command is a link to it, so the old version works until the new one does.
make_environment() {
  if cmp -s "$here/SHA256SUMS" "$target/.tijian"; then
    say "tijian $VERSION 已经装在 $target，内容相同，不再重装"
    return
  fi
  [ ! -e "$target" ] || [ -e "$target/.tijian" ] || fail "$target 已经存在，又不是本程序装的。请另选 --prefix。"
  local free
  mkdir -p "$prefix"
  free=$(df -Pk "$prefix" | awk 'NR == 2 { print int($4 / 1024) }')
  [ "$free" -ge 1500 ] || fail "$prefix 所在的磁盘只剩 $free MB，至少要 1500 MB。"
  say "装 tijian $VERSION 到 $target（约需一分钟）"
  rm -rf "$target"
  mkdir "$target"
  echo "没有装完" >"$target/.tijian"
  "$(find_python)" -m venv "$target"
  # -f: the bundle's folder of wheels, the only place pip looks at.
  PIP_CONFIG_FILE=/dev/null "$target/bin/python" -m pip --isolated --disable-pip-version-check --quiet install \
    --no-input --no-index -f "$here/wheels" --no-deps --require-hashes \
    -r "$here/requirements/run.txt" -r "$here/requirements/tijian.txt" ||
    fail "Python 包没有装好（见上）。"
  cp "$here/SHA256SUMS" "$target/.tijian"
}

link_command() {
  mkdir -p "$bin"
  [ ! -e "$bin/tijian" ] || [ -L "$bin/tijian" ] || fail "$bin/tijian 已经存在，又不是本程序装的。请把它移走后重新运行。"
  ln -sfn "$target/bin/tijian" "$bin/tijian"
  local mark
  for mark in "$prefix"/*/.tijian; do
    if [ "$mark" != "$target/.tijian" ]; then
      say "删去旧版本 $(dirname "$mark")（体检项目的目录不动）"
      rm -rf "$(dirname "$mark")"
    fi
  done
}

tell_plan() {
  say "tijian $VERSION 离线安装，不联网。将要："
  say "  1. 检查系统软件包（PDF 排版用的 Pango、Python 虚拟环境）和中文字体，缺的从安装包里装"
  [ -z "$system_only" ] || return 0
  say "  2. 在 $target 建 Python 虚拟环境，装入本安装包里的 Python 包（逐个核对 SHA-256）"
  say "  3. 把命令链接为 $bin/tijian，再运行 tijian doctor 自检"
}

check_machine
tell_plan
provide_packages
provide_fonts
[ -z "$system_only" ] || exit 0
make_environment
link_command
"$target/bin/tijian" --version
healthy=yes
"$target/bin/tijian" doctor --pdf "$target/试印.pdf" || healthy=''
case ":$PATH:" in
  *":$bin:"*) ;;
  *) say "$bin 不在 PATH 里：重新登录，或先执行 export PATH=$(printf %q "$bin"):\$PATH" ;;
esac
say "卸载：rm -rf $(printf %q "$target") $(printf %q "$bin/tijian")（体检项目不在其中，不受影响）"
[ -n "$healthy" ] || fail "已经装好，但自检有没通过的项，请按上面的提示处理。"
say "装好了。先试：tijian sample 演示"
