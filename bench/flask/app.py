"""The timestamp API as one would write it in Flask: the same routes, answers and commands of redis.

For bench/timestamps alone. Run by gunicorn; REDIS_PORT names the redis of the benchmark.
"""

import os
import re
import uuid
from datetime import datetime, timezone

import redis
from flask import Flask, Response, g, json, request

KEY = "timestamps"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 16384
store = redis.Redis(
    port=int(os.environ["REDIS_PORT"]), decode_responses=True, socket_timeout=2, socket_connect_timeout=2
)


class Wrong(Exception):
    def __init__(self, status, title, detail):
        super().__init__(detail)
        self.body = {"type": "about:blank", "title": title, "status": status, "detail": detail}


def answer(body, status=200, kind="application/json"):
    return Response(json.dumps(body, separators=(",", ":")), status, content_type=kind)


@app.errorhandler(Wrong)
def wrong(error):
    return answer(error.body, error.body["status"], "application/problem+json")


@app.errorhandler(redis.RedisError)
def away(_):
    body = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": "redis is away"}
    response = answer(body, 503, "application/problem+json")
    response.headers["Retry-After"] = "1"
    return response


@app.before_request
def identify():
    given = request.headers.get("X-Request-Id", "")
    g.id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex[:16]


@app.after_request
def sign(response):
    response.headers["X-Request-Id"] = g.id
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def named(name):
    if not NAME.fullmatch(name):
        raise Wrong(400, "Bad Request", "a name has 1 to 128 letters, digits, '.', '_' or '-'")
    return f"[{name} ", f"({name}!"


def wanted():
    body = request.get_json(silent=True) if request.content_length else {}
    if not isinstance(body, dict) or body.keys() - {"time"}:
        raise Wrong(400, "Bad Request", "the body is no object with a time")
    text = body.get("time")
    if text is None:
        moment = datetime.now(timezone.utc)
    elif isinstance(text, str) and TIME.fullmatch(text):
        try:
            moment = datetime.fromisoformat(text.upper()).astimezone(timezone.utc)
        except (ValueError, OverflowError) as error:
            raise Wrong(400, "Bad Request", f"there is no such time: {error}") from error
    else:
        raise Wrong(400, "Bad Request", "a time is written as in RFC 3339")
    return moment.replace(tzinfo=None).isoformat() + "Z"


def entry(member):
    name, time = member.split(" ", 1)
    return {"name": name, "time": time}


@app.get("/timestamps")
def page():
    limit, after = request.args.get("limit", 100, int), request.args.get("after")
    if not 1 <= limit <= 1000:
        raise Wrong(400, "Bad Request", "limit is a number from 1 to 1000")
    begin = named(after)[1] if after else "-"
    found = store.zrange(KEY, begin, "+", bylex=True, offset=0, num=limit + 1)
    body = {"timestamps": [entry(member) for member in found[:limit]]}
    if len(found) > limit:
        body["next"] = body["timestamps"][-1]["name"]
    return answer(body)


@app.get("/timestamps/<name>")
def read(name):
    found = store.zrange(KEY, *named(name), bylex=True)
    if not found:
        raise Wrong(404, "Not Found", "there is no timestamp of this name")
    return answer(entry(found[0]))


@app.put("/timestamps/<name>")
def put(name):
    begin, end = named(name)
    time = wanted()
    with store.pipeline() as both:
        both.zremrangebylex(KEY, begin, end)
        both.zadd(KEY, {f"{name} {time}": 0})
        removed, _ = both.execute()
    return answer({"name": name, "time": time}, 200 if removed else 201)


@app.delete("/timestamps/<name>")
def reset(name):
    begin, end = named(name)
    with store.pipeline() as both:
        both.zrange(KEY, begin, end, bylex=True)
        both.zremrangebylex(KEY, begin, end)
        found, _ = both.execute()
    if not found:
        raise Wrong(404, "Not Found", "there is no timestamp of this name")
    return answer(entry(found[0]))
