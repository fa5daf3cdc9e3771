-- wrk's side: POST /v1/events with new events of users and items drawn at random, and at the end the numbers as one line of JSON.
-- Arguments: events of a request, users, items, what stands before a user's and an item's number, a word that no run before had, and the
-- pause of a connection between two requests in milliseconds (0: none).

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "../wrk_result.lua")

function init(arguments)
  size = tonumber(arguments[1])
  users = tonumber(arguments[2])
  items = tonumber(arguments[3])
  user_prefix = arguments[4]
  item_prefix = arguments[5]
  word = arguments[6]
  local pause_ms = tonumber(arguments[7])
  sent = 0
  math.randomseed(1000 + number)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  if pause_ms > 0 then
    delay = function()
      return math.floor(math.random() * 2 * pause_ms + 0.5)
    end
  end
end

function request()
  local events = {}
  for i = 1, size do
    sent = sent + 1
    events[i] = string.format('{"event_id":"%s-%d-%d","user":"%s%d","item":"%s%d","type":"watch","value":0.75}',
      word, number, sent, user_prefix, math.random(0, users - 1), item_prefix, math.random(0, items - 1))
  end
  return wrk.format(nil, "/v1/events", nil, '{"events":[' .. table.concat(events, ",") .. ']}')
end
