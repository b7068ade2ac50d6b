"""Pages of a directory, of whatever shape."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.directory import Agency, AgencyKind, Directory
from gateway.web.agency_list import AgencyList, Wanted

TODAY = date(2026, 11, 20)

agencies = st.lists(
    st.builds(
        Agency,
        code=st.from_regex(r"\A[A-Z][0-9]{2}(\.[0-9]{2,3}){0,2}\Z"),
        name=st.sampled_from(["Sở Nội vụ", "Sở Tài chính", "UBND xã Hòa Bình", "Công đoàn"]),
        kind=st.sampled_from(AgencyKind),
        valid_from=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        valid_to=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    ),
    max_size=30,
)


def walked(listed: AgencyList, limit: int, **filters: object) -> list[str]:
    """Return the codes of all pages, one after the other."""
    seen: list[str] = []
    after: str | None = None
    while True:
        wanted = Wanted(after=after, limit=limit, **filters)  # type: ignore[arg-type] # any filter
        page, after = listed.page(wanted, TODAY)
        assert len(page) <= limit
        seen += [agency.code for agency in page]
        if after is None:
            return seen


@given(agencies, st.integers(1, 7))
def test_pages_join_to_the_directory(given_agencies: list[Agency], limit: int) -> None:
    """Whatever the size of the pages, every agency is shown once, in the order of codes."""
    directory = Directory(given_agencies)

    assert walked(AgencyList(directory), limit) == [agency.code for agency in directory]


@given(agencies, st.integers(1, 7))
def test_open_and_closed_agencies_are_all_of_them(
    given_agencies: list[Agency], limit: int
) -> None:
    """Each agency is in exactly one of the two lists."""
    listed = AgencyList(Directory(given_agencies))

    both = walked(listed, limit, is_open=True) + walked(listed, limit, is_open=False)

    assert sorted(both) == sorted(walked(listed, limit))


@given(agencies)
def test_a_search_finds_a_name_however_it_is_typed(given_agencies: list[Agency]) -> None:
    """Where the tone mark stands, and whether it is there, makes no difference."""
    listed = AgencyList(Directory(given_agencies))

    spellings = ("hoa binh", "Hòa Bình", "hoà BÌNH", "binh hoa")

    found = {tuple(walked(listed, 5, words=words)) for words in spellings}
    assert len(found) == 1


@given(agencies, st.text(max_size=10))
def test_any_place_to_go_on_from_is_understood(given_agencies: list[Agency], after: str) -> None:
    """A cursor that is no code shows some rest of the list, in order."""
    listed = AgencyList(Directory(given_agencies))

    page, _ = listed.page(Wanted(after=after, limit=500), TODAY)

    codes = [agency.code for agency in Directory(given_agencies)]
    assert [agency.code for agency in page] == codes[len(codes) - len(page) :]
