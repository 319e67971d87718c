import { BellOutlined, GlobalOutlined, MenuOutlined, MoonOutlined, SunOutlined, UserOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Badge, Button, Dropdown, Flex, Grid, Layout as Frame, Menu, Spin } from "antd";
import { lazy, Suspense, useState } from "react";
import { Link, Navigate, Outlet, useLocation, useNavigate } from "react-router";

import { answer, api, BACKGROUND } from "../api/client";
import { type Me, useMe, useSelf, useSignOut } from "../api/session";
import { language, speak, useWords } from "../language/setup";
import { Live } from "../live/Live";
import { useRefresh } from "../live/stream";
import { Trouble } from "../parts/Trouble";
import { Search } from "../search/Search";
import { GROUPS, type Place, placesFor } from "./menu";
import { appear, useDark } from "./theme";

const Drawer = lazy(() => import("antd/es/drawer")); // for phones alone
const TODOS_MS = 30_000;

/** The frame of every page; whoever is not signed in goes to the door, and comes back to where he wanted to go. */
export function Layout() {
  const self = useSelf();
  const here = useLocation();
  if (self.isPending) return <Spin fullscreen />;
  if (self.error && self.data === undefined) return <Trouble error={self.error} again={() => void self.refetch()} />;
  if (!self.data) return <Navigate to="/sign-in" replace state={{ next: here.pathname + here.search }} />;
  return <SignedIn />;
}

function SignedIn() {
  const me = useMe();
  const wide = Grid.useBreakpoint().lg ?? false;
  const [opened, setOpened] = useState(false);
  const words = useWords();
  return (
    <Frame style={{ minHeight: "100vh" }}>
      <a href="#content" className="skip">
        {words("skip")}
      </a>
      <Frame.Header
        style={{
          display: "flex",
          alignItems: "center",
          gap: 12,
          paddingInline: 16,
          position: "sticky",
          top: 0,
          zIndex: 10,
        }}
      >
        {wide ? null : (
          <Button
            type="text"
            style={{ color: "white" }}
            icon={<MenuOutlined />}
            aria-label={words("menu")}
            onClick={() => setOpened(true)}
          />
        )}
        <Link to="/" style={{ color: "#f6e7b4", fontSize: 18, fontWeight: 600, whiteSpace: "nowrap" }}>
          金云 {wide ? "Jinyun" : ""}
        </Link>
        <Search wide={wide} />
        <Corner me={me} wide={wide} />
      </Frame.Header>
      <Frame>
        {wide ? (
          <Frame.Sider width={210} theme="light">
            <Places me={me} />
          </Frame.Sider>
        ) : (
          <Suspense>
            {opened ? (
              <Drawer open onClose={() => setOpened(false)} placement="left" title="金云 Jinyun" size={260}>
                <Places me={me} chosen={() => setOpened(false)} />
              </Drawer>
            ) : null}
          </Suspense>
        )}
        <Frame.Content id="content" role="main" style={{ padding: wide ? 24 : 12, minWidth: 0 }}>
          <Live />
          <Outlet />
        </Frame.Content>
      </Frame>
    </Frame>
  );
}

function Places({ me, chosen }: { me: Me; chosen?: () => void }) {
  const words = useWords();
  const here = useLocation().pathname;
  const places = placesFor(me);
  const current = places.findLast(
    (place) => place.path === here || (place.path !== "/" && here.startsWith(place.path)),
  );
  const entry = (place: Place) => ({
    key: place.path,
    icon: place.icon,
    label: (
      <Link to={place.path} onClick={chosen}>
        {words(place.word)}
      </Link>
    ),
  });
  const groups = GROUPS.map((group) => ({ group, inside: places.filter((place) => place.group === group) }));
  const items = groups
    .filter(({ inside }) => inside.length > 0)
    .map(({ group, inside }) =>
      group === "own"
        ? inside.map(entry)
        : [{ key: group, type: "group" as const, label: words(`menu.group.${group}`), children: inside.map(entry) }],
    )
    .flat();
  return (
    <Menu mode="inline" style={{ borderInlineEnd: 0 }} selectedKeys={current ? [current.path] : []} items={items} />
  );
}

function Corner({ me, wide }: { me: Me; wide: boolean }) {
  const words = useWords();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const isDark = useDark();
  const todos = useQuery({
    queryKey: ["todos", "count"],
    queryFn: () => answer(api.GET("/v1/todos", { params: { query: { limit: 20 } }, headers: BACKGROUND })),
    refetchInterval: useRefresh(TODOS_MS),
  });
  const white = { color: "white" };
  return (
    <Flex align="center" gap={4} style={{ marginInlineStart: "auto" }}>
      <Badge count={todos.data?.items.length ?? 0} size="small" offset={[-6, 6]}>
        <Button
          type="text"
          style={white}
          icon={<BellOutlined />}
          aria-label={words("menu.todos")}
          onClick={() => void navigate("/todos")}
        />
      </Badge>
      <Button
        type="text"
        style={white}
        icon={isDark ? <SunOutlined /> : <MoonOutlined />}
        aria-label={words("appearance")}
        onClick={() => appear(isDark ? "light" : "dark")}
      />
      <Button
        type="text"
        style={white}
        icon={<GlobalOutlined />}
        aria-label={words("other_language")}
        onClick={() => void speak(language() === "zh" ? "en" : "zh")}
      >
        {wide ? words("other_language") : null}
      </Button>
      <Dropdown
        menu={{
          items: [
            { key: "account", label: words("menu.account"), onClick: () => void navigate("/account") },
            { key: "out", label: words("sign_out"), onClick: () => void signOut() },
          ],
        }}
        trigger={["click"]}
      >
        <Button type="text" style={white} icon={<UserOutlined />} aria-label={me.name}>
          {wide ? me.name : null}
        </Button>
      </Dropdown>
    </Flex>
  );
}
