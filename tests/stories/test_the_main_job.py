from pathlib import Path

from tests.stories.stage import Stage
from tests.stories.telling import tell


def test_the_main_job(empty_stage: Stage) -> None:
    tell(empty_stage, Path(__file__).with_name("the_main_job.yaml"))
    assert empty_stage.nothing_left_of("mobile-web-1")
