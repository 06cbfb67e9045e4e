"""GET /v1/recommendations: what to do about whom, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from service.addresses import ChainQuery
from service.auth import StoreDep, allow
from service.paging import MAX_PAGE, Cursor, decode, encode, next_link
from service.problems import CURSOR_REFUSED, Problem
from service.publications import as_of, choose_publication, kept_publication
from service.schemas import Recommendation, RecommendationPage, problem_responses
from sql.files import load
from sql.store import Store

router = APIRouter(
    prefix="/v1/recommendations", tags=["recommendations"], dependencies=[Depends(allow("risk", "analyst", "feed"))]
)

Grade = Literal["Low", "Medium", "High", "Severe"]
Action = Literal["freeze_and_report", "block", "enhanced_due_diligence", "review", "monitor"]

CursorQuery = Annotated[
    str | None, Query(max_length=400, description="next_cursor of the page before.", examples=[None])
]
LimitQuery = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Recommendations a page.", examples=[50])]
GradeQuery = Annotated[Grade | None, Query(description="Only of this grade.", examples=["Severe"])]
ActionQuery = Annotated[Action | None, Query(description="Only this action.", examples=["block"])]


@router.get(
    "",
    operation_id="list_recommendations",
    response_model=RecommendationPage,
    responses=problem_responses(400, 401, 403, 404, 410, 422, 429, 503),
)
def list_recommendations(
    request: Request,
    response: Response,
    store: StoreDep,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
    chain_id: ChainQuery = None,
    grade: GradeQuery = None,
    action: ActionQuery = None,
) -> RecommendationPage:
    """The recommendations of the newest publication, the most urgent first; following pages stay in that publication.

    ```
    curl -H "X-API-Key: $KEY" "http://127.0.0.1:8000/v1/recommendations?grade=Severe&limit=20"
    ```
    """
    if cursor is None:
        newest = choose_publication(store, chain_id)
        start = Cursor(newest.chain_id, newest.publication, 0, grade or "", action or "")
    else:
        start = _resume(cursor, chain_id, grade, action)
    page = read_page(store, start, limit)
    if page.next_cursor is not None:
        response.headers["Link"] = next_link(request.url.path, page.next_cursor, limit)
    return page


def read_page(store: Store, start: Cursor, limit: int) -> RecommendationPage:
    """At most `limit` recommendations after a place; raises a 410 when its publication was pruned."""
    rows = store.query(
        load("queries/served_recommendations"),
        chain_id=start.chain_id,
        publication=start.publication,
        after=start.position,
        grade=start.grade,
        action=start.action,
        count=limit + 1,
    ).to_pylist()
    # Looked up after the rows were read: what is still kept now was whole then.
    publication = kept_publication(store, start.chain_id, start.publication)
    positions = [row.pop("position") for row in rows]
    following = replace(start, position=positions[limit - 1]) if len(rows) > limit else None
    return RecommendationPage(
        chain_id=publication.chain_id,
        publication=publication.publication,
        published_at=publication.published_at,
        as_of=as_of(publication),
        items=[Recommendation(**row) for row in rows[:limit]],
        next_cursor=encode(following) if following else None,
    )


def _resume(text: str, chain_id: int | None, grade: str | None, action: str | None) -> Cursor:
    cursor = decode(text)
    asked = {"chain_id": chain_id, "grade": grade, "action": action}
    for name, value in asked.items():
        made_with = getattr(cursor, name)
        if value is not None and value != made_with:
            detail = f"The cursor was made with {name}={made_with or 'any'}, not {value}. Start without a cursor to filter anew."
            raise Problem(CURSOR_REFUSED, detail)
    return cursor
