#!/usr/bin/env bash
# The whole of tijian on the sample project: two years of runs, the reports, the lists, and what was written.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
project=demo/project
tijian() {
  printf '\n$ tijian %s\n' "$*"
  .venv/bin/tijian "$@"
}

rm -rf demo
tijian sample "$project"
tijian run --project "$project" --year 2025
tijian run --project "$project"
tijian report --project "$project"
tijian lists --project "$project"

# The district's report first: it is the one to open.
printf '\n写出的文件（先看区级报告）：\n'
find "$project/out" -type f -path '*/区级/*.pdf' | LC_ALL=C sort | sed 's/^/  /'
find "$project/out" -type d | LC_ALL=C sort | while read -r folder; do
  files=$(find "$folder" -maxdepth 1 -type f | wc -l)
  [ "$files" -eq 0 ] || printf '  %s/  %d 个文件\n' "$folder" "$files"
done
