package plan

import "github.com/floorkeeper/floorkeeper/cmd/internal/sums"

type jsonSums struct {
	Total      jsonLoad    `json:"total"`
	Namespaces []jsonLoad  `json:"namespaces"`
	Unknown    []string    `json:"unknown"`  // HPAs whose Pods are not known, as NAMESPACE/NAME
	Exceeded   []jsonQuota `json:"exceeded"` // limits that cannot hold what is added
	Notes      []string    `json:"notes"`
}

type jsonLoad struct {
	Namespace string   `json:"namespace,omitempty"`
	Pods      jsonPeak `json:"pods"`
	CPU       jsonPeak `json:"cpu"`
	Memory    jsonPeak `json:"memory"`
}

type jsonPeak struct {
	Sum  float64 `json:"sum"`
	Time string  `json:"time,omitempty"`
}

type jsonQuota struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Resource  string `json:"resource"`
	Hard      string `json:"hard"`
	Used      string `json:"used"`
	Added     string `json:"added"` // what is added to what is used, in which the floors that stand are
}

// jsonSums returns the sums, and nil where there are none.
func (p *Plan) jsonSums() *jsonSums {
	if p.Sums == nil {
		return nil
	}
	shown := &jsonSums{
		Total: p.jsonLoad(p.Sums.Total), Namespaces: []jsonLoad{}, Unknown: append([]string{}, p.Sums.Unknown...),
		Exceeded: []jsonQuota{}, Notes: append([]string{}, p.Sums.Notes...),
	}
	for _, space := range p.Sums.Namespaces {
		shown.Namespaces = append(shown.Namespaces, p.jsonLoad(space))
	}
	for _, q := range p.Sums.Quotas {
		shown.Exceeded = append(shown.Exceeded, jsonQuota{
			q.Namespace, q.Name, string(q.Resource), q.Hard.String(), q.Used.String(), q.Added.String(),
		})
	}
	return shown
}

func (p *Plan) jsonLoad(l sums.Load) jsonLoad {
	return jsonLoad{l.Namespace, p.jsonPeak(l.Pods, 1), p.jsonPeak(l.CPU, 1000), p.jsonPeak(l.Memory, 1)}
}

func (p *Plan) jsonPeak(peak sums.Peak, unit float64) jsonPeak {
	shown := jsonPeak{Sum: float64(peak.Sum) / unit}
	if peak.Sum > 0 {
		shown.Time = p.stamp(peak.At)
	}
	return shown
}
