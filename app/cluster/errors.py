"""What can be wrong with a cluster."""

from bifolio.ingest import BifolioError


class ClusterLost(BifolioError):  # noqa: N818 - the name says what is wrong
    """The cluster cannot be reached, cannot run our work, or is gone."""
