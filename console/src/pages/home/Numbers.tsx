import { useQuery } from "@tanstack/react-query";
import { Card, Col, Row } from "antd";
import { Link } from "react-router";

import { type ListPath, readList, type QueryOf } from "../../api/lists";
import { type Me, useMe } from "../../api/session";
import { useWords, type Word } from "../../language/setup";
import { useRefresh } from "../../live/stream";

const REFRESH_MS = 15_000;
const MOST = 100;

interface Figure {
  word: Word;
  to: string;
  family: string;
  needs: string;
  read: () => Promise<number>;
}

function count<Path extends ListPath>(path: Path, query: Partial<QueryOf<Path>>): () => Promise<number> {
  return async () => (await readList(path, query, { limit: MOST })).items.length;
}

const FIGURES: readonly Figure[] = [
  {
    word: "home.alarms",
    to: "/alarms",
    family: "alarms",
    needs: "operation.operate",
    read: count("/v1/alarms", { active: true }),
  },
  {
    word: "home.active",
    to: "/operations?which=active",
    family: "operations",
    needs: "operation.operate",
    read: count("/v1/operations", { active: true }),
  },
  {
    word: "home.orphans",
    to: "/operations?tab=orphans&state=confirmed",
    family: "orphans",
    needs: "operation.operate",
    read: count("/v1/orphans", { state: "confirmed" }),
  },
  {
    word: "home.proposals",
    to: "/regions",
    family: "bindings",
    needs: "catalog.manage",
    read: count("/v1/binding-proposals", { state: "proposed" }),
  },
  {
    word: "home.networks",
    to: "/networks?tab=proposals",
    family: "networks",
    needs: "network.manage",
    read: count("/v1/network-proposals", {}),
  },
  {
    word: "home.changes",
    to: "/people?tab=waiting",
    family: "changes",
    needs: "role.manage",
    read: count("/v1/access-changes", { waiting: true }),
  },
  {
    word: "home.adrift",
    to: "/projects",
    family: "projects",
    needs: "project.manage",
    read: count("/v1/projects", { adrift: true }),
  },
];

/** Figures that one's role looks after, each a link to what it counts. */
export function Numbers() {
  const me = useMe();
  const shown = FIGURES.filter((figure) => me.may(figure.needs));
  if (shown.length === 0) return null;
  return (
    <Row gutter={[16, 16]}>
      {shown.map((figure) => (
        <Col key={figure.word} xs={12} md={8} xl={6}>
          <FigureCard figure={figure} me={me} />
        </Col>
      ))}
    </Row>
  );
}

function FigureCard({ figure, me }: { figure: Figure; me: Me }) {
  const words = useWords();
  const found = useQuery({
    queryKey: [figure.family, "count", figure.word, me.login],
    queryFn: figure.read,
    refetchInterval: useRefresh(REFRESH_MS),
  });
  const value = found.data === undefined ? "–" : found.data >= MOST ? `${MOST}+` : String(found.data);
  return (
    <Link to={figure.to}>
      <Card size="small" hoverable>
        <div className="figure">{value}</div>
        {words(figure.word)}
      </Card>
    </Link>
  );
}
