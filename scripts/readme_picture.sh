#!/usr/bin/env bash
# The picture in the READMEs, from a finished sample project: scripts/readme_picture.sh demo/project
# Needs poppler-utils, ImageMagick and Chromium; nothing else of the project does.
set -euo pipefail

out=$(echo "${1:?项目文件夹}"/out/*/ | awk '{print $NF}') # the latest year's
shots=$(mktemp -d)
trap 'rm -rf "$shots"' EXIT

shot() { pdftoppm -r 64 -png -singlefile -f "$3" -l "$3" "$2" "$shots/$1"; }
page_of() { # the page on which a heading stands
  local pages
  pages=$(pdfinfo "$1" | awk '/^Pages/{print $2}')
  for ((page = 3; page <= pages; page++)); do
    if pdftotext -f "$page" -l "$page" "$1" - | grep -qx "$2"; then echo "$page" && return; fi
  done
  echo "没有“$2”" >&2 && return 1
}

district=$(echo "$out"区级/*_区级体检报告_*.pdf)
community=$(find "$out"社区 -name '*.pdf' | sort | head -1)
shot 1 "$district" 1
shot 2 "$district" 3
shot 3 "$district" "$(page_of "$district" 五、街镇横向比较)"
shot 4 "$district" "$(page_of "$district" 六、问题地图与风险区划)"
shot 5 "$community" 1
chromium --headless=new --no-sandbox --hide-scrollbars --window-size=1366,980 --screenshot="$shots/page.png" \
  "file://$(realpath "$out"街镇对比.html)" 2>/dev/null >&2
convert "$shots"/[1-5].png -bordercolor '#cccccc' -border 1 -bordercolor white -border 6 +append "$shots/reports.png"
convert "$shots/reports.png" -resize 1600x -colors 96 -strip -define png:exclude-chunks=date,time docs/pictures/reports.png
convert "$shots/page.png" -resize 1200x -colors 96 -strip -define png:exclude-chunks=date,time docs/pictures/page.png
ls -l docs/pictures
