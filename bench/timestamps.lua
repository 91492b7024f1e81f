-- What wrk asks for: reads, writes, or one write in ten requests; of a thousand names, in an order of its own.
local kind
local count = 0
local header = { ["Content-Type"] = "application/json" }

function init(args)
    kind = args[1]
    math.randomseed(16)
end

function request()
    count = count + 1
    local path = "/timestamps/n" .. math.random(0, 999)
    if kind == "writes" or (kind == "mixed" and count % 10 == 0) then
        local body = string.format('{"time":"2026-11-26T12:00:00.%06dZ"}', count % 999999 + 1)
        return wrk.format("PUT", path, header, body)
    end
    return wrk.format("GET", path)
end

-- One line: answers, microseconds, failures, and the latencies in microseconds.
function done(summary, latency)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    print(string.format("figures %d %d %d %d %d", summary.requests, summary.duration, failed,
        latency:percentile(50), latency:percentile(99)))
end
