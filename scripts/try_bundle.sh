#!/usr/bin/env bash
# Install an offline bundle on the smallest Debian 12 there is, without a network, and make a report there:
# `try_bundle.sh ARCHIVE FOLDER`. Needs root, debootstrap and, for the bare system alone, a Debian mirror (asked of the
# sources apt is set up with). What was printed and one page as PNG are left in FOLDER. By hand, not part of `make test`.
set -euo pipefail
archive=$(realpath "${1:?用法：scripts/try_bundle.sh 安装包 结果目录}")
out=$(realpath -m "${2:?用法：scripts/try_bundle.sh 安装包 结果目录}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bare=$PWD/build/debian12
[ "$(id -u)" -eq 0 ] || { echo "需要 root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "需要 debootstrap：apt-get install debootstrap" >&2; exit 1; }

if [ ! -e "$bare.ready" ]; then
  rm -rf "$bare"
  debootstrap --variant=minbase bookworm "$bare"
  rm -rf "$bare"/var/cache/apt/archives/*.deb "$bare"/var/lib/apt/lists/*
  touch "$bare.ready"
fi
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -a "$bare" "$work/root"
mkdir "$work/root/srv/carried"
ln "$archive" "$work/root/srv/carried/" 2>/dev/null || cp "$archive" "$work/root/srv/carried/"

cat >"$work/root/srv/user.sh" <<'USER'
set -euo pipefail
cd
export PATH=$HOME/.local/bin:$PATH
bash /srv/carried/*/install.sh
bash /srv/carried/*/install.sh # a second time changes nothing
tijian sample 演示 --scale 0.05 --quiet
cd 演示
tijian check --quiet
tijian run --year 2025 --quiet
tijian run --quiet
tijian report --unit 望云街道 --quiet
USER

cat >"$work/root/srv/try.sh" <<'INSIDE'
set -euo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
if command -v python3; then echo "这不是最小系统" >&2; exit 1; fi
if tail -n +3 /proc/net/dev | grep -qv 'lo:'; then echo "这里有网络" >&2; exit 1; fi
tar -xzf /srv/carried/*.tar.gz -C /srv/carried
useradd --create-home user
echo "== 普通用户先装：缺系统软件包，停下来"
if runuser -l user -w LANG -c 'bash /srv/carried/*/install.sh'; then echo "本应停下来" >&2; exit 1; fi
echo "== 管理员装系统软件包"
bash /srv/carried/*/install.sh --system
echo "== 普通用户再装，做一年的示例"
runuser -l user -w LANG -c 'bash /srv/user.sh'
INSIDE

# Mounts live in the namespace and end with it, so nothing is left mounted when the folder is deleted.
unshare --net --mount -- bash -c '
  mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" &&
  exec chroot "$1" bash /srv/try.sh
' try "$work/root" 2>&1 | tee "$out/said.txt"

page=$(find "$work/root/home/user/演示/out" -name '*体检报告*.pdf')
cp "$page" "$out/"
pdftoppm -r 60 -png "$page" "$out/page"
echo "结果在 $out：said.txt，$(basename "$page")，各页 PNG"
