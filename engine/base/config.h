/// Configuration: one plain struct per component with one describe(visitor), and everything that is made from it.
///
///     struct IvfConfig {
///         std::size_t lists = 0;
///         template <class Visitor> void describe(Visitor& v) { v.field("lists", lists, range(0, 65536), "Inverted lists; 0 chooses."); }
///     };
///     ConfigReading reading({.file = "shortlist.yaml", .environment = {}});
///     read_config(reading, tree, config);      // then reading.status(): every problem at once
///     write_config(config);                    // a tree again; list_values() adds the origin of each value
///     json_schema(shape_of<IvfConfig>(), "Index"); // also reference_page(), list_flags()
#pragma once

#include "engine/base/config_flags.h"
#include "engine/base/config_node.h"
#include "engine/base/config_print.h"
#include "engine/base/config_reader.h"
#include "engine/base/config_reference.h"
#include "engine/base/config_rules.h"
#include "engine/base/config_schema.h"
#include "engine/base/config_shape.h"
#include "engine/base/config_visitor.h"
#include "engine/base/config_writer.h"
