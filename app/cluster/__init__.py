"""Files are read and embedded by many processes on one or many machines (Ray), written by one."""

from bifolio.cluster.engine import RayEngine
from bifolio.cluster.errors import ClusterLost

__all__ = ["ClusterLost", "RayEngine"]
