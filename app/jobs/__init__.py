"""Work that goes on outside the page: answers and uploads, which no click and no reload ends."""

from bifolio.jobs.answers import Answers, Coming
from bifolio.jobs.uploads import Task, TaskState, Uploads

__all__ = ["Answers", "Coming", "Task", "TaskState", "Uploads"]
