#!/usr/bin/env bash
# The whole of tijian on the sample project: a year's run, its list sent to a department and taken back, the next year's run,
# which judges what became of the problems, the targets, the forms for the next year, the comparison page, the indicator
# manual, the reports, the lists, and what was written.
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
# The department sends its workbook back as it came: nothing begun yet.
department=区住房保障房屋管理局
tijian lists --project "$project" --year 2025 --department "$department"
mkdir -p demo/回收
cp "$project/out/2025/部门/$department"_*.xlsx demo/回收/
tijian track demo/回收 --project "$project" --year 2025
tijian run --project "$project"
tijian track --project "$project"
tijian targets --project "$project"
tijian forms --project "$project" --quiet
tijian page --project "$project"
tijian indicators --project "$project" --pdf
tijian report --project "$project"
tijian lists --project "$project"

# The district's report and the comparison page first: they are the ones to open.
printf '\n写出的文件（先看区级报告和街镇对比）：\n'
find "$project/out" -type f \( -path '*/区级/*.pdf' -o -name '*.html' \) | LC_ALL=C sort | sed 's/^/  /'
find "$project/out" -type d | LC_ALL=C sort | while read -r folder; do
  files=$(find "$folder" -maxdepth 1 -type f | wc -l)
  [ "$files" -eq 0 ] || printf '  %s/  %d 个文件\n' "$folder" "$files"
done
