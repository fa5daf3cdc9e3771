/// Words of the generated titles: the noun tells the topic, the rest is chance.
#pragma once

#include <array>
#include <string_view>

#include "engine/simulation/shorts_truth.h"

namespace shortlist::simulation {

struct CategoryWords {
    std::string_view name;
    std::array<std::string_view, kTopicsPerCategory> topics;
};

inline constexpr std::array<CategoryWords, 24> kCategoryWords{{
    {"comedy", {"sketch", "prank", "parody", "stand-up", "bloopers", "impressions", "puns", "satire"}},
    {"music", {"guitar", "piano", "drums", "karaoke", "choir", "remix", "violin", "beatbox"}},
    {"food", {"ramen", "tacos", "sourdough", "curry", "pancakes", "dumplings", "barbecue", "chocolate"}},
    {"dance", {"ballet", "salsa", "hip-hop", "tango", "breakdance", "tap", "swing", "flamenco"}},
    {"sport", {"football", "basketball", "tennis", "boxing", "cycling", "rowing", "fencing", "volleyball"}},
    {"games", {"speedrun", "chess", "strategy", "racing", "platformer", "puzzle", "arcade", "roleplay"}},
    {"animals", {"cats", "dogs", "parrots", "horses", "foxes", "otters", "hamsters", "goats"}},
    {"beauty", {"lipstick", "eyeliner", "skincare", "nails", "braids", "perfume", "haircut", "freckles"}},
    {"travel", {"beaches", "trains", "hostels", "deserts", "islands", "markets", "castles", "ferries"}},
    {"fashion", {"sneakers", "denim", "vintage", "jackets", "scarves", "tailoring", "hats", "jewellery"}},
    {"science", {"planets", "volcanoes", "magnets", "bacteria", "dinosaurs", "lasers", "glaciers", "neurons"}},
    {"technology", {"robots", "phones", "keyboards", "drones", "printers", "satellites", "batteries", "cameras"}},
    {"fitness", {"yoga", "squats", "running", "pilates", "climbing", "stretching", "kettlebells", "swimming"}},
    {"crafts", {"knitting", "origami", "pottery", "woodwork", "embroidery", "candles", "leather", "calligraphy"}},
    {"gardening", {"tomatoes", "roses", "bonsai", "compost", "orchids", "herbs", "cactus", "lavender"}},
    {"cars", {"engines", "drifting", "convertibles", "trucks", "motorbikes", "detailing", "caravans", "gearboxes"}},
    {"film", {"westerns", "thrillers", "animation", "musicals", "documentaries", "trailers", "stunts", "soundtracks"}},
    {"books", {"poetry", "mysteries", "fantasy", "biographies", "comics", "fables", "bookshops", "libraries"}},
    {"history", {"pharaohs", "vikings", "samurai", "romans", "pirates", "knights", "maps", "inventions"}},
    {"money", {"savings", "budgets", "bargains", "taxes", "startups", "coins", "auctions", "pensions"}},
    {"family", {"toddlers", "weddings", "grandparents", "twins", "birthdays", "bedtime", "picnics", "homework"}},
    {"home", {"kitchens", "sofas", "painting", "plumbing", "shelves", "cleaning", "lamps", "balconies"}},
    {"nature", {"waterfalls", "forests", "storms", "whales", "mushrooms", "eagles", "reefs", "aurora"}},
    {"language", {"idioms", "accents", "spelling", "proverbs", "slang", "dialects", "grammar", "translation"}},
}};

inline constexpr std::array<std::string_view, 16> kOpenings{"Slow",     "Honest",     "Tiny",     "Late-night", "Sunday",    "Unexpected",
                                                            "Everyday", "Loud",       "Gentle",   "Forgotten",  "Rainy-day", "Bold",
                                                            "Clever",   "First-time", "Borrowed", "Golden"};
inline constexpr std::array<std::string_view, 16> kClosings{
    "in one minute",    "for beginners", "gone wrong", "explained", "at home",     "you missed",      "on a budget",  "with friends",
    "before breakfast", "up close",      "like a pro", "again",     "in the rain", "without talking", "from scratch", "on the road"};

}  // namespace shortlist::simulation
