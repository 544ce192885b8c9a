# Every target explains itself: `make help`. A target's text is the comment after ##.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test coverage lint types docs bench lock wheel bundle release clean

PYTHON := .venv/bin/python
# Each begins with half of the tests in their order, so that what a file's tests share is made once, not by both.
WORKERS := -n 2 --dist worksteal
PINS := $(addprefix requirements/,build.txt run.txt dev.txt spark.txt) pyproject.toml $(addprefix scripts/,setup.sh machine.sh wheels.py)

help: ## 显示本说明
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

demo: .venv/.ready-run ## 安装所需，生成示例项目，从数据一直做到报告（结果在 demo/）
	@scripts/demo.sh

test: .venv/.ready-dev lint types ## 安装所需，做全部检查：格式、类型、测试
	$(PYTHON) -m pytest -q $(WORKERS)

# Apart from `test`, because tracing doubles the time that the tests take.
coverage: .venv/.ready-dev ## 测试覆盖率，低于九成算失败（比 make test 慢一倍）
	$(PYTHON) -m pytest -q $(WORKERS) --cov

lint: .venv/.ready-dev ## 只检查格式与写法
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .

# The checkout itself is the package `tijian`; mypy needs to see it under that name. Scripts and benchmarks find each other
# by bare names, as when they are run.
types: .venv/.ready-dev ## 只检查类型
	@mkdir -p build/typecheck && ln -sfn ../.. build/typecheck/tijian
	@MYPYPATH=build/typecheck:scripts:benchmarks $(PYTHON) -m mypy -m tijian.cli \
	  $(addprefix -p tijian.,engine indicators reports data tests) \
	  $(addprefix -m ,$(basename $(notdir $(wildcard scripts/*.py benchmarks/*.py))))

docs: .venv/.ready-dev ## 重新生成由程序生成的文档（指标说明页、字段说明、编辑器的 schema）
	$(PYTHON) scripts/make_docs.py
	$(PYTHON) scripts/manual_pictures.py

bench: .venv/.ready-run ## 空间计算、计分、印报告、全国一亿条记录与同类库或底线并排测速（对照库与数据在 build/ 下，约三刻钟）
	$(PYTHON) benchmarks/space.py
	$(PYTHON) benchmarks/scoring.py
	$(PYTHON) benchmarks/reports.py
	$(PYTHON) benchmarks/national.py

lock: ## 按各 .in 文件重新锁定版本（需要 uv；已锁的版本不动，要升级先删去对应的 .txt）
	@command -v uv >/dev/null || { echo "make lock 需要 uv，请先安装" >&2; exit 1; }
	for set in requirements/build requirements/run requirements/dev requirements/spark benchmarks/requirements-space benchmarks/requirements-scoring; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url $$set.in --output-file $$set.txt || exit 1; \
	done

wheel: .venv/.ready-dev ## 打包成 dist/*.whl
	$(PYTHON) -m build --no-isolation --wheel

bundle: .venv/.ready-run ## 写出离线安装包 dist/tijian-*-debian12-x86_64.tar.gz（最近一次提交的；PYTHONS="3.11 3.12" 另收入别的 Python 的包）
	$(PYTHON) scripts/bundle.py $(PYTHONS)

release: .venv/.ready-run ## 检查并写出发布的全部文件：源码包、wheel、离线安装包、SHA256SUMS（步骤见 docs/release.md）
	$(PYTHON) scripts/release.py build

clean: ## 删去生成的东西（.venv、demo、build、dist 和各种缓存）
	rm -rf .venv demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*

.venv/.ready-run: $(PINS)
	@scripts/setup.sh run

.venv/.ready-dev: $(PINS)
	@scripts/setup.sh dev
