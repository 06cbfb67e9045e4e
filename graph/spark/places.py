"""Where Parquet passes between this process and Spark: a folder, or a URL that both can reach."""

from __future__ import annotations

from pathlib import Path

import pyarrow.fs as pafs

from chainsight.errors import UsageError


def file_system(place: str) -> tuple[pafs.FileSystem, str]:
    """The file system of a path or URL (file, s3, gs, hdfs, abfs) and the path on it; raises `UsageError`."""
    if "://" not in place:
        return pafs.LocalFileSystem(), str(Path(place).resolve())
    try:
        system, path = pafs.FileSystem.from_uri(place)
    except (ValueError, OSError) as error:
        raise UsageError(
            f"Spark's exchange {place} (CHAINSIGHT_SPARK_EXCHANGE) cannot be opened: {error}.",
            next_step="Name a folder that driver and executors share, or a URL such as s3://bucket/folder.",
        ) from error
    return system, path


def for_spark(place: str) -> str:
    """The same place as Hadoop's file systems name it."""
    return "s3a://" + place.removeprefix("s3://") if place.startswith("s3://") else place


def put(source: Path, place: str) -> None:
    """Copy a file of this machine to a place."""
    system, path = file_system(place)
    system.create_dir(path.rsplit("/", 1)[0], recursive=True)
    pafs.copy_files(
        str(source.resolve()), path, source_filesystem=pafs.LocalFileSystem(), destination_filesystem=system
    )


def remove(place: str) -> None:
    """Remove a folder, if it is there."""
    system, path = file_system(place)
    if system.get_file_info(path).type != pafs.FileType.NotFound:
        system.delete_dir(path)
