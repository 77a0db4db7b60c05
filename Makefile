# Two commands: `make demo` shows what a night finds, `make test` proves it. See README.md.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install -qq --no-deps
WORKERS ?= $(shell nproc)
unexport PYTHONDONTWRITEBYTECODE  # compiling anew costs each of many processes seconds

.PHONY: help demo desk test faults sweep check machine bench docs pictures sbom lock clean

help:  ## 列出各命令
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/'

# The environment -------------------------------------------------------------------------------------
# Each lock file names exact versions and hashes but no package host: the machine's pip configuration
# decides where they come from. Modules are compiled when first imported, which halves the installation.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或以上（含 venv 模块）" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "安装依赖（仅首次或依赖变动时）…"
	@$(PIP) --no-compile --require-hashes -r requirements.lock
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	@echo "安装测试所需的依赖…"
	@$(PIP) --no-compile --require-hashes -r requirements-dev.lock
	@touch $@

lock:  ## 重新锁定依赖版本与哈希（需要 uv）
	@lock() { uv pip compile pyproject.toml - <<< $$'hatchling\neditables' --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet "$$@"; }; \
	lock --extra airflow --extra demo --extra desk --extra desk-oidc --extra notify --output-file requirements.lock; \
	lock --extra dev --constraint requirements.lock --output-file requirements-dev.lock

# The demo --------------------------------------------------------------------------------------------
DEMO := demo
NIGHT := 2026-06-18
AIRFLOW_LOG := $(DEMO)/airflow.log

demo desk: export CROSSMATCH_CONFIG := /dev/null
demo desk: export CROSSMATCH_DATABASE_URL := sqlite:///$(DEMO)/city/benefit.db
demo desk: export CROSSMATCH_INBOX := $(DEMO)/city/inbox
demo desk: export CROSSMATCH_HISTORY := $(DEMO)/city/history
demo desk: export CROSSMATCH_STORE := $(DEMO)/store
demo desk: export CROSSMATCH_REPORTS := $(DEMO)/reports
demo desk: export CROSSMATCH_DESK_FILES := $(DEMO)/desk
demo desk: export CROSSMATCH_PAY_DAYS := 2026-06-26 2026-07-26
demo: export AIRFLOW_HOME := $(CURDIR)/$(DEMO)/airflow
demo: export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN := sqlite:///$(CURDIR)/$(DEMO)/airflow/airflow.db
demo: export AIRFLOW__CORE__LOAD_EXAMPLES := False
demo: export AIRFLOW__CORE__DEFAULT_TIMEZONE := Asia/Shanghai
demo: export AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST := [{"name": "crossmatch", \
	"classpath": "airflow.dag_processing.bundles.local.LocalDagBundle", "kwargs": {"path": "$(CURDIR)/dags"}}]

demo: $(VENV)/installed $(DEMO)/city/truth.csv  ## 在演示城市上由 Airflow 跑一夜，打印结果
	@$(BIN)/crossmatch db upgrade
	@echo "Airflow 运行 nightly_match（$(NIGHT)），日志 $(AIRFLOW_LOG) …"
	@{ $(BIN)/airflow db migrate; $(BIN)/airflow dags test nightly_match $(NIGHT) -c '{"night": "$(NIGHT)"}'; } \
		> $(AIRFLOW_LOG) 2>&1 || { grep -aE '^[A-Za-z_.]+: ' $(AIRFLOW_LOG) >&2; exit 1; }
	@$(BIN)/airflow tasks states-for-dag-run nightly_match $(NIGHT) --output plain 2>> $(AIRFLOW_LOG) \
		| awk 'NR > 1 { n[$$3 " " $$4]++; red += $$4 != "success" } \
			END { for (task in n) print "  " task " × " n[task]; exit red > 0 }' | sort
	@$(BIN)/crossmatch summary $(NIGHT)
	@echo "历史清理：几十年的登记，写入建议，对照真相 …"
	@$(BIN)/crossmatch cleanup run --as-of $(NIGHT) --apply --by 演示 --reason 演示 >> $(AIRFLOW_LOG) 2>&1
	@$(BIN)/crossmatch cleanup report >> $(AIRFLOW_LOG) 2>&1
	@$(BIN)/crossmatch cleanup score $(DEMO)/city --as-of $(NIGHT)
	@echo "在浏览器里办理：make desk（每个岗位一个演示账号，口令只打印一次）"

# One made-up account per role; each sets its own password, and its second factor where the role needs one.
desk: $(VENV)/installed $(DEMO)/city/truth.csv  ## 打开演示城市的工作台（先运行 make demo）
	@$(BIN)/crossmatch db upgrade
	@if [ -z "$$($(BIN)/crossmatch desk account list)" ]; then \
		add() { $(BIN)/crossmatch desk account add "$$@" --by 演示; }; \
		add handler --name 演示经办 --role handler --district '*'; \
		add checker --name 演示复核 --role checker --district '*'; \
		add supervisor --name 演示督办 --role supervisor --district '*'; \
		add steward --name 演示数据 --role steward --district '*'; \
		add auditor --name 演示审计 --role auditor; \
		add admin --name 演示管理 --role administrator; \
	else echo "演示账号已建立；忘了口令：crossmatch desk account reset 账号"; fi
	@$(BIN)/crossmatch desk serve

$(DEMO)/city/truth.csv: | $(VENV)/installed
	@echo "生成演示城市（人、单位均为虚构）…"
	@$(BIN)/crossmatch demo $(DEMO)/city --history

# Tests -----------------------------------------------------------------------------------------------
check: $(VENV)/installed-dev  ## 代码检查：ruff、mypy --strict、import-linter
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

docs: $(VENV)/installed-dev  ## 由代码重写词汇表、命令与配置项（docs/）
	@$(BIN)/python -m docs.reference

sbom: $(VENV)/installed-dev  ## 由锁定文件写出软件物料清单 sbom.json（CycloneDX）
	@$(BIN)/python -m docs.sbom > sbom.json

pictures: $(VENV)/installed-dev machine  ## 重拍 docs/desk.md 的图（测试用的浏览器走一遍）
	@DESK_PICTURES=docs/pictures $(BIN)/python -m pytest tests/test_desk_browser_days.py -k wide

# What the tests drive beside Python; installed where we may, else they skip with a reason.
machine:
	@lacking=(); for found in postgres:postgresql chromium:chromium soffice:libreoffice-calc npm:npm; do \
		command -v "$${found%%:*}" > /dev/null || ls /usr/lib/postgresql/*/bin/"$${found%%:*}" > /dev/null 2>&1 \
		|| lacking+=("$${found##*:}"); done; \
	ls /usr/lib/libreoffice/program/libswlo.so > /dev/null 2>&1 || lacking+=(libreoffice-writer); \
	fc-list :lang=zh 2> /dev/null | grep -q . || lacking+=(fontconfig fonts-noto-cjk); \
	if test $${#lacking[@]} -gt 0 && test "$$(id -u)" = 0 && command -v apt-get > /dev/null; then \
		echo "安装测试所需的系统软件：$${lacking[*]}"; apt-get update -qq; \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "$${lacking[@]}" > /dev/null; fi

# Databases and stores are flushed thousands of times: in memory, where there is plenty, that costs nothing.
MEMORY = $(shell df -k --output=avail /dev/shm 2> /dev/null | awk 'NR == 2 && $$1 > 8388608 { print "/dev/shm" }')

test: check machine  ## 全部检查与测试
	@TMPDIR=$${TMPDIR:-$(or $(MEMORY),/tmp)} $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

faults: $(VENV)/installed-dev machine  ## 让夜间比对在每一步被杀、断线、断电、磁盘写满，再重跑（约一个半小时）
	@$(BIN)/python -m tests.faults $(ARGS)
	@test -n "$(ARGS)" || HISTORIES=1000 $(BIN)/python -m pytest tests/test_decisions.py tests/test_undo.py tests/test_beside_nights.py

sweep: $(VENV)/installed-dev  ## 各类有害的值 × 数据源 × 列 × 格式，逐个试读（默认十万个文件，每夜两千个）；一千座列值残缺的城市；各城在两个比对引擎上；独立集群
	@$(BIN)/python -m tests.sweep $(or $(FILES),100000)
	@$(BIN)/python -m tests.engines
	@$(BIN)/python -m tests.standalone
	@CITIES=1000 $(BIN)/python -m pytest --quiet tests/test_linkage_columns.py

bench: export SPLINK_PYTHON := $(BIN)/python
bench: $(VENV)/installed-dev  ## 与同类软件在同一次运行中比性能（benchmarks/）
	@$(BIN)/python -m benchmarks.landing
	@$(BIN)/python -m benchmarks.night
	@$(BIN)/python -m benchmarks.workbook
	@$(BIN)/python -m benchmarks.linkage seam
	@$(BIN)/python -m benchmarks.linkage febrl4
	@$(BIN)/python -m benchmarks.linkage residue 100000 1000000

clean:  ## 删除虚拟环境与演示数据
	@rm -rf $(VENV) $(DEMO)
