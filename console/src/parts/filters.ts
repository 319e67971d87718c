import { useSearchParams } from "react-router";

/** Keep a list's filters in the address: it can be sent to somebody, and is there again when one comes back. */
export function useFilter(name: string): [string, (value: string) => void] {
  const [search, setSearch] = useSearchParams();
  const choose = (value: string) => {
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );
  };
  return [search.get(name) ?? "", choose];
}
