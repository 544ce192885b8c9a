# What tijian needs of a machine, and whether this machine has it. Read (`source`) by scripts/setup.sh in a checkout and
# by install.sh in the offline bundle; defines functions only.

# ldconfig lives in /sbin, which is not on an ordinary Debian user's PATH.
has_library() { [[ "$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null)" == *"$1"* ]]; }

FONT_FOLDERS=(/usr/share/fonts /usr/local/share/fonts "${HOME:-/root}/.local/share/fonts")
has_font() {
  local folder
  for folder in "${FONT_FOLDERS[@]}"; do
    [ -d "$folder" ] && [ -n "$(find "$folder" -name "$1" -print -quit)" ] && return 0
  done
  return 1
}

# The faces that reports/theme.toml puts first; fonts-noto-cjk brings all four.
has_report_fonts() {
  local face
  for face in NotoSansCJK-{Regular,Bold} NotoSerifCJK-{Regular,Bold}; do
    has_font "$face.*" || return 1
  done
}

# One line per missing library: "Debian package<tab>why".
missing_libraries() {
  has_library libpango-1.0.so.0 || printf 'libpango-1.0-0\tPDF 排版\n'
  has_library libpangoft2-1.0.so.0 || printf 'libpangoft2-1.0-0\tPDF 排版\n'
  has_library libharfbuzz-subset.so.0 || printf 'libharfbuzz-subset0\t字体子集化，缺少时每份报告多花约 10 秒\n'
}

# The first of the commands "$2"… that runs and is a Python whose version satisfies the Python expression "$1" (over
# `v`, as in "v >= (3, 11)"). A name on the PATH may be a stub that does not run (version managers put them there), so
# each is tried. One that can make virtual environments is preferred, because it spares installing a package.
choose_python() {
  local versions=$1 test name candidate
  shift
  for test in 'import sys, venv, ensurepip' 'import sys'; do
    for name in "$@"; do
      while read -r candidate; do
        if "$candidate" -c "$test; v = sys.version_info[:2]; sys.exit(not ($versions))" >/dev/null 2>&1; then
          printf '%s\n' "$candidate"
          return 0
        fi
      done < <(type -ap "$name")
    done
  done
  return 1
}

makes_environments() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }

venv_package() { "$1" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])'; }
