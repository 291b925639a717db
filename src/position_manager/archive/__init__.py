"""Archives of periods of the ledger: Parquet files with a manifest, in a folder or a store."""
