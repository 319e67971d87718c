package main

import (
	"strconv"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// collector gives what was asked for in pages, as a real vCenter does; the simulator's own gives everything at once.
type collector struct {
	simulator.PropertyCollector
	paging sync.Mutex // one client may read several pages at once
	tokens int
	left   map[string]rest
	news   news
}

// rest is what of an answer was not given yet.
type rest struct {
	objects []types.ObjectContent
	size    int
}

// installPaging makes every session's property collector one that gives pages: sessions copy this one's type.
func installPaging(content types.ServiceContent) {
	own := &collector{}
	own.Self = content.PropertyCollector
	simulator.Map.Put(own)
}

func (c *collector) CreatePropertyCollector(ctx *simulator.Context, _ *types.CreatePropertyCollector) soap.HasFault {
	made := &collector{}
	made.Self.Type = "PropertyCollector"
	return &methods.CreatePropertyCollectorBody{
		Res: &types.CreatePropertyCollectorResponse{Returnval: ctx.Session.Put(made).Reference()},
	}
}

func (c *collector) RetrievePropertiesEx(ctx *simulator.Context, r *types.RetrievePropertiesEx) soap.HasFault {
	body := c.PropertyCollector.RetrievePropertiesEx(ctx, r).(*methods.RetrievePropertiesExBody)
	if body.Res != nil && r.Options.MaxObjects > 0 {
		body.Res.Returnval = c.page(rest{body.Res.Returnval.Objects, int(r.Options.MaxObjects)})
	}
	return body
}

func (c *collector) ContinueRetrievePropertiesEx(_ *simulator.Context, r *types.ContinueRetrievePropertiesEx) soap.HasFault {
	c.paging.Lock()
	left, known := c.left[r.Token]
	delete(c.left, r.Token)
	c.paging.Unlock()
	if !known {
		return &methods.ContinueRetrievePropertiesExBody{Fault_: simulator.Fault("", &types.InvalidArgument{InvalidProperty: "token"})}
	}
	return &methods.ContinueRetrievePropertiesExBody{
		Res: &types.ContinueRetrievePropertiesExResponse{Returnval: *c.page(left)},
	}
}

func (c *collector) page(all rest) *types.RetrieveResult {
	if len(all.objects) <= all.size {
		return &types.RetrieveResult{Objects: all.objects}
	}
	c.paging.Lock()
	defer c.paging.Unlock()
	if c.left == nil {
		c.left = map[string]rest{}
	}
	c.tokens++
	token := strconv.Itoa(c.tokens)
	c.left[token] = rest{all.objects[all.size:], all.size}
	return &types.RetrieveResult{Objects: all.objects[:all.size], Token: token}
}
