"""数据交换约定：each agency's promise, one TOML per feed, and the checks that hold it to them."""
