#!/usr/bin/env bash
# Make a fresh checkout ready: system packages, the virtual environment .venv, the pinned Python packages and
# the editable install of tijian itself. Called by make; `setup.sh run` for `make demo`, `setup.sh dev` for
# `make test`. Says what it will install and why before it installs anything.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/machine.sh

say() { printf '[安装] %s\n' "$*"; }
fail() {
  printf '[安装失败] %s\n' "$@" >&2
  exit 1
}

CANNOT_DOWNLOAD="Python 包没有装好。若连不上软件源，请先按单位的办法设好 pip 的镜像或代理，再重试。"

# One line per missing system package: "Debian package<tab>why".
missing_packages() {
  missing_libraries
  has_report_fonts || printf 'fonts-noto-cjk\t报告所用的中文字体\n'
  if [ "$1" = dev ]; then
    command -v pdftotext >/dev/null || printf 'poppler-utils\t测试时读取 PDF\n'
    command -v chromium >/dev/null || printf 'chromium\t测试时打开对比页\n'
    command -v soffice >/dev/null || printf '%s\t测试时打开工作簿和 Word 文件\n' libreoffice-{calc,writer}-nogui
  fi
}

# Install the packages named in "$1" (lines "package<tab>why").
install_packages() {
  local packages as_root=()
  mapfile -t packages < <(cut -f1 <<<"$1")
  say "缺少以下系统软件包："
  sed 's/^/         /; s/\t/：/' <<<"$1"
  if ! command -v apt-get >/dev/null; then
    fail "本机没有 apt-get（非 Debian/Ubuntu）。请用本机的包管理器装好与上列对应的软件包后重试。"
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      fail "安装系统软件包需要 root 或 sudo，二者都没有。请管理员执行：" \
        "apt-get install ${packages[*]}"
    fi
    as_root=(sudo)
    [ -t 0 ] || as_root=(sudo -n) # nobody is there to type a password
  fi
  say "现在用 ${as_root[*]:+${as_root[*]} }apt-get 安装……"
  "${as_root[@]}" apt-get update -qq || say "apt-get update 未完全成功，继续尝试安装。"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null ||
    fail "apt-get 没能装好 ${packages[*]}（见上面的提示）。可能没有权限，或连不上软件源。"
}

venv_works() {
  .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

main() {
  local profile=$1 missing python=''
  missing=$(missing_packages "$profile")
  if ! venv_works; then
    python=$(choose_python 'v >= (3, 11)' python3.13 python3.12 python3.11 python3) ||
      fail "找不到可用的 Python 3.11 或更高版本。Debian 12 上请安装 python3。"
    if ! makes_environments "$python"; then
      missing+=${missing:+$'\n'}$(printf '%s\t创建 Python 虚拟环境' "$(venv_package "$python")")
    fi
  fi
  [ -z "$missing" ] || install_packages "$missing"
  if [ -n "$python" ]; then
    say "用 $python 创建虚拟环境 .venv"
    "$python" -m venv --clear .venv
    rm -rf build/spark
  fi
  local pins=(-r requirements/dev.txt)
  [ "$profile" = dev ] || pins=(-r requirements/build.txt -r requirements/run.txt)
  say "安装锁定版本的 Python 包（首次约需几分钟）"
  local pip=(.venv/bin/python -m pip --disable-pip-version-check --quiet install --no-input)
  # The lock names everything, so nothing is left to resolve: with a resolver, a newer release of a package that
  # another one asks for with an extra (coverage[toml]) would be preferred to the locked one and then refused.
  # A test makes the offline bundle of the wheels of the run, so they are kept and come over the network once.
  if [ "$profile" = dev ]; then
    local version
    version=$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    .venv/bin/python scripts/wheels.py "$version" || fail "$CANNOT_DOWNLOAD"
    "${pip[@]}" --no-index -f "build/wheels/$version" --no-deps --require-hashes \
      -r requirements/build.txt -r requirements/run.txt || fail "$CANNOT_DOWNLOAD"
  fi
  "${pip[@]}" --no-deps --require-hashes "${pins[@]}" ||
    fail "$CANNOT_DOWNLOAD"
  "${pip[@]}" --no-deps --no-build-isolation -e .
  # Spark is large, so it is kept beside the environment and fetched again only when its lock has changed.
  if [ "$profile" = dev ] && ! cmp -s requirements/spark.txt build/spark/locked.txt; then
    say "安装测试用的 Spark（build/spark，约 800 MB）"
    rm -rf build/spark
    "${pip[@]}" --no-deps --require-hashes --target build/spark -r requirements/spark.txt ||
      fail "Spark 没有装好，原因同上。"
    cp requirements/spark.txt build/spark/locked.txt
  fi
  touch .venv/.ready-run
  [ "$profile" = run ] || touch .venv/.ready-dev
  say "就绪"
}

case "${1:-}" in
  run | dev) main "$1" ;;
  *) fail "用法：scripts/setup.sh run|dev" ;;
esac
