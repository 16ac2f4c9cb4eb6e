package source

// Flatten returns the fields of a mapping with those that it merges in: explicit fields override merged ones, earlier
// merged ones later.
func (c *Collector) Flatten(n *Node) []Field {
	var flat []Field
	seen := map[string]*Node{}
	for _, f := range n.Fields {
		switch first := seen[f.Name.Text]; {
		case f.Name.Kind != Scalar:
			c.Add(f.Name, RuleWrongType, "the name of a field is a single word, not %s", f.Name.Describe())
		case first != nil:
			c.Add(f.Name, RuleDuplicateField, "%s is written twice in the same mapping, first at %s; remove one",
				Quote(f.Name.Text), first.PlaceFor(f.Name))
		default:
			seen[f.Name.Text] = f.Name
			if !f.merge {
				flat = append(flat, f)
			}
		}
	}
	for _, f := range n.Fields {
		if !f.merge {
			continue
		}
		for _, merged := range c.merged(f.Value) {
			if seen[merged.Name.Text] == nil {
				seen[merged.Name.Text], merged.via = merged.Name, f.Name
				flat = append(flat, merged)
			}
		}
	}
	return flat
}

// merged returns the fields that the value of a merge key brings in.
func (c *Collector) merged(value *Node) []Field {
	if value.Kind == Mapping {
		return c.Flatten(value)
	}
	var all []Field
	if value.Kind == Scalar {
		c.Add(value, RuleMerge, "<< takes an alias such as *base, or a list of them, not %s", value.Describe())
	}
	for _, item := range value.Items {
		if item.Kind != Mapping {
			c.Add(item, RuleMerge, "<< takes mappings only, not %s", item.Describe())
			continue
		}
		all = append(all, c.Flatten(item)...)
	}
	return all
}
