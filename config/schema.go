package config

import _ "embed"

// SchemaURL is where the newest schema is, and the $id of each.
const SchemaURL = "https://raw.githubusercontent.com/floorkeeper/floorkeeper/main/config/schedule.schema.json"

// schema is hand-written. Its test holds it against Parse.
//
//go:embed schedule.schema.json
var schema string

// Schema returns the JSON Schema (draft-07) of schedule files, for editors. It passes what [Parse] passes, as the
// schedule reference writes it, and refuses the rest as far as a schema can.
func Schema() string { return schema }
