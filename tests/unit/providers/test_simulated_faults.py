import pytest

from jinyun.kit.ids import new_id
from jinyun.providers.base import ServerStatus, VolumeStatus
from jinyun.providers.errors import BackendDown, BackendError, OutcomeUnknown, Transient
from jinyun.providers.simulated.faults import FaultKind, clear_faults, set_fault, set_pace
from jinyun.providers.simulated.journal import journal
from tests.unit.providers.tenant import Tenant


@pytest.mark.parametrize(
    ("kind", "error", "code", "effects"),
    [
        (FaultKind.TIMEOUT_BEFORE, OutcomeUnknown, "outcome-unknown", 0),
        (FaultKind.TIMEOUT_AFTER, OutcomeUnknown, "outcome-unknown", 1),
        (FaultKind.SERVER_ERROR, OutcomeUnknown, "outcome-unknown", 0),
        (FaultKind.BUSY, Transient, "backend-busy", 0),
        (FaultKind.DOWN, BackendDown, "backend-down", 0),
        (FaultKind.CREDENTIALS, BackendDown, "credentials-rejected", 0),
    ],
)
def test_a_change_meets_a_fault(
    tenant: Tenant, kind: FaultKind, error: type[BackendError], code: str, effects: int
) -> None:
    token = new_id()
    set_fault(tenant.world, "volume.create", kind, times=1)
    with pytest.raises(error) as caught:
        tenant.scope.storage.create(tenant.volume_wish(), token)
    assert (type(caught.value), caught.value.code) == (error, code)
    assert len(journal(tenant.world, verb="volume.create", token=token)) == effects
    tenant.scope.storage.create(tenant.volume_wish(), token)


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER, FaultKind.SERVER_ERROR])
def test_a_question_without_an_answer_is_never_of_unknown_outcome(tenant: Tenant, kind: FaultKind) -> None:
    set_fault(tenant.world, "*", kind)
    with pytest.raises(Transient):
        tenant.scope.storage.get(new_id())


def test_a_doubled_request_leaves_two_volumes_but_one_server(tenant: Tenant) -> None:
    set_fault(tenant.world, "*.create", FaultKind.DOUBLED)
    token = new_id()
    first = tenant.scope.storage.create(tenant.volume_wish(), token)
    clear_faults(tenant.world)
    assert len(journal(tenant.world, verb="volume.create", token=token)) == 2
    found = tenant.scope.storage.find_by_token(token)
    assert found is not None
    assert found.id == first.id
    assert tenant.scope.storage.sweep_duplicates(token, keep=first.id) == 1

    wish = tenant.wish()
    set_fault(tenant.world, "server.create", FaultKind.DOUBLED)
    tenant.scope.compute.create(wish, token)
    assert len(journal(tenant.world, verb="server.create", token=token)) == 1


def test_a_server_may_end_in_error_or_vanish(tenant: Tenant) -> None:
    set_fault(tenant.world, "server.create", FaultKind.HALF_CREATED, times=1)
    half = tenant.scope.compute.create(tenant.wish(), new_id())
    failed = tenant.scope.compute.get(half.id)
    assert failed is not None
    assert (failed.status, bool(failed.fault)) == (ServerStatus.ERROR, True)
    set_fault(tenant.world, "server.create", FaultKind.VANISHED, times=1)
    token = new_id()
    gone = tenant.scope.compute.create(tenant.wish(), token)
    assert tenant.scope.compute.get(gone.id) is None
    assert tenant.scope.compute.find_by_token(token) is None


def test_a_volume_may_end_in_error(tenant: Tenant) -> None:
    set_fault(tenant.world, "volume.create", FaultKind.HALF_CREATED, times=1)
    made = tenant.scope.storage.create(tenant.volume_wish(), new_id())
    failed = tenant.scope.storage.get(made.id)
    assert failed is not None
    assert failed.status is VolumeStatus.ERROR


def test_a_slow_call_does_its_work_and_the_caller_stops_waiting(tenant: Tenant) -> None:
    impatient = Tenant(tenant.world, timeout=0.02)
    set_pace(tenant.world, "volume.create", call_seconds=0.01, work_seconds=0)
    set_fault(tenant.world, "volume.create", FaultKind.SLOW, factor=1000, times=1)
    token = new_id()
    with pytest.raises(OutcomeUnknown):
        impatient.scope.storage.create(tenant.volume_wish(), token)
    assert tenant.scope.storage.find_by_token(token) is not None


def test_the_same_seed_strikes_the_same_calls(tenant: Tenant) -> None:
    def struck(seed: int) -> list[bool]:
        clear_faults(tenant.world)
        set_fault(tenant.world, "volume.get", FaultKind.BUSY, probability=0.3, seed=seed)
        return [_is_struck(tenant) for _ in range(60)]

    assert struck(1) == struck(1) != struck(2)
    assert 8 <= sum(struck(1)) <= 30


def _is_struck(tenant: Tenant) -> bool:
    try:
        tenant.scope.storage.get("any")
    except Transient:
        return True
    return False


def test_a_fault_with_a_number_of_times_ends(tenant: Tenant) -> None:
    set_fault(tenant.world, "volume.*", FaultKind.BUSY, times=2)
    assert [_is_struck(tenant) for _ in range(4)] == [True, True, False, False]
