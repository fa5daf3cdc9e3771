-- wrk's side of the workload: POST /v1/recommend for users drawn at random, and at the end the numbers as one line of JSON.
-- Arguments: how many users there are, what stands before a user's number in an id, items asked for, and the mean pause of a
-- connection between two requests in milliseconds (0: none).

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "../wrk_result.lua")

function init(arguments)
  users = tonumber(arguments[1])
  prefix = arguments[2]
  k = tonumber(arguments[3])
  pause_ms = tonumber(arguments[4])
  math.randomseed(1000 + number)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  -- wrk asks for a pause after every request once this exists, and that has a cost of its own.
  if pause_ms > 0 then
    delay = function()
      -- Whole milliseconds, spread evenly around the mean, so that connections do not march in step.
      return math.floor(math.random() * 2 * pause_ms + 0.5)
    end
  end
end

function request()
  local body = string.format('{"user":"%s%d","k":%d}', prefix, math.random(0, users - 1), k)
  return wrk.format(nil, "/v1/recommend", nil, body)
end
