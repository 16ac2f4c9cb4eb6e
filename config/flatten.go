package config

// flatten returns the fields of a mapping with those that it merges in: explicit fields override merged ones, earlier
// merged ones later.
func (c *collector) flatten(n *node) []field {
	var flat []field
	seen := map[string]*node{}
	for _, f := range n.fields {
		switch first := seen[f.name.text]; {
		case f.name.kind != scalar:
			c.add(f.name, RuleWrongType, "the name of a field is a single word, not %s", f.name.describe())
		case first != nil:
			c.add(f.name, RuleDuplicateField, "%s is written twice in the same mapping, first at %s; remove one",
				quote(f.name.text), first.placeFor(f.name))
		default:
			seen[f.name.text] = f.name
			if !f.merge {
				flat = append(flat, f)
			}
		}
	}
	for _, f := range n.fields {
		if !f.merge {
			continue
		}
		for _, merged := range c.merged(f.value) {
			if seen[merged.name.text] == nil {
				seen[merged.name.text], merged.via = merged.name, f.name
				flat = append(flat, merged)
			}
		}
	}
	return flat
}

// merged returns the fields that the value of a merge key brings in.
func (c *collector) merged(value *node) []field {
	if value.kind == mapping {
		return c.flatten(value)
	}
	var all []field
	if value.kind == scalar {
		c.add(value, RuleMerge, "<< takes an alias such as *base, or a list of them, not %s", value.describe())
	}
	for _, item := range value.items {
		if item.kind != mapping {
			c.add(item, RuleMerge, "<< takes mappings only, not %s", item.describe())
			continue
		}
		all = append(all, c.flatten(item)...)
	}
	return all
}
