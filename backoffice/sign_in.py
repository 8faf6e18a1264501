"""Sign-in and sign-out. Unknown people and wrong passwords get the same answer."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from backoffice.access import Asker, session_cookie, signed_in, stranger
from backoffice.pages import SignInPage
from receivables.database import SYSTEM
from receivables.i18n import LANGUAGES
from receivables.parties.actions import choose_language as remember_language
from receivables.parties.sessions import SignInRefused, sign_in, sign_out
from receivables.web.face import Face
from receivables.web.forms import FormBody, field
from receivables.web.limits import TooManyTries, subject_of


def sign_in_page(
    face: Face, request: Request[Any, Any, Any], page: SignInPage, *, status: int = 200
) -> Response[str]:
    """The form, bound to this visit: nobody can be signed in to a stranger's account by a form
    of another site. A session that has ended goes.
    """
    visit = request.cookies.get(face.cookie_name("visit"), "") or secrets.token_urlsafe(24)
    cookies = [face.cookie("visit", visit, strict=True)]
    if request.cookies.get(face.cookie_name("session")):
        cookies.append(face.forget("session"))
    return face.page(
        "sign_in.html", stranger(face, request, visit), page=page, status=status, cookies=cookies
    )


def _own(face: Face, path: str) -> str:
    return path if face.is_own_path(path) else "/"


@get("/sign-in", sync_to_thread=True)
def show_sign_in(request: Request[Any, Any, Any], face: NamedDependency[Face]) -> Response[Any]:
    target = _own(face, str(request.query_params.get("next", "/")))
    if signed_in(face, request.cookies) is not None:
        return Redirect(target, status_code=303)
    out = "out" in request.query_params
    page = SignInPage(email="", next=target, error="signed_out" if out else "")
    return sign_in_page(face, request, page)


@post("/sign-in", sync_to_thread=True)
def take_sign_in(
    data: FormBody, request: Request[Any, Any, Any], face: NamedDependency[Face]
) -> Response[Any]:
    """A new secret at every sign-in; the session that was there before ends."""
    email, target = field(data, "email"), _own(face, field(data, "next"))
    address = request.client.host if request.client else ""
    try:
        # Counted before the password is looked at: wrong or right, known or not, is all the same.
        face.limiter.count("sign-in by person", email.lower())
        face.limiter.count("sign-in by address", subject_of(address))
        face.limiter.count("sign-in", "all")
        token = sign_in(
            face.runtime,
            email=email,
            password=str(data.get("password", "")),
            address=address,
            user_agent=request.headers.get("user-agent", ""),
        )
    except TooManyTries as tries:
        page = SignInPage(email=email, next=target, error="too_many")
        answer = sign_in_page(face, request, page, status=429)
        answer.headers["Retry-After"] = str(tries.retry_after_seconds)
        return answer
    except SignInRefused:
        page = SignInPage(email=email, next=target, error="wrong")
        return sign_in_page(face, request, page, status=422)
    _end_session(face, request)
    cookies = [session_cookie(face, token), face.forget("visit")]
    return Redirect(target, status_code=303, cookies=cookies)


def _end_session(face: Face, request: Request[Any, Any, Any]) -> None:
    token = request.cookies.get(face.cookie_name("session"), "")
    if token:
        with face.runtime.transaction(SYSTEM) as session:
            sign_out(session, token)


@post("/sign-out", sync_to_thread=True)
def take_sign_out(request: Request[Any, Any, Any], face: NamedDependency[Face]) -> Redirect:
    """End the session here and now. What the browser keeps of us goes too: pages, and the
    service worker, so that a browser nobody is signed in to is told nothing.
    """
    _end_session(face, request)
    return Redirect(
        "/sign-in?out",
        status_code=303,
        cookies=[face.forget("session")],
        headers={"Clear-Site-Data": '"cache", "storage"'},
    )


@post("/language", sync_to_thread=True)
def choose_language(data: FormBody, asker: NamedDependency[Asker]) -> Redirect:
    """From now on pages and mails to this person are in this language."""
    face, language = asker.face, field(data, "language")
    target = _own(face, field(data, "next"))
    if language not in LANGUAGES:
        return Redirect(target, status_code=303)
    with asker.transaction() as session:
        remember_language(session, asker.supplier_id, asker.me.staff_id, language)
    cookie = face.cookie("language", language, lasts=timedelta(days=365))
    return Redirect(target, status_code=303, cookies=[cookie])
