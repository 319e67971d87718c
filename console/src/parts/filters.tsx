import { Input, Select } from "antd";
import { useSearchParams } from "react-router";

import { type Family, useNames, useWords, type Word } from "../language/setup";

interface SearchProps {
  word: Word;
  value: string;
  choose: (value: string) => void;
}

/** A field that a list is searched by. */
export function Search({ word, value, choose }: SearchProps) {
  const words = useWords();
  return (
    <Input.Search
      aria-label={words(word)}
      allowClear
      placeholder={words(word)}
      defaultValue={value}
      onSearch={choose}
      style={{ width: 220 }}
    />
  );
}

interface ChoiceProps {
  word: Word;
  all: Word;
  family: Family;
  names: readonly string[];
  value: string;
  choose: (value: string) => void;
}

/** One name of a fixed set, or every one. */
export function Choice({ word, all, family, names, value, choose }: ChoiceProps) {
  const words = useWords();
  const named = useNames();
  const options = names.map((name) => ({ value: name, label: named(family, name) }));
  return (
    <Select
      aria-label={words(word)}
      style={{ width: 190 }}
      value={value}
      onChange={choose}
      options={[{ value: "", label: words(all) }, ...options]}
    />
  );
}

interface StateChoiceProps {
  states: readonly string[];
  value: string;
  choose: (value: string) => void;
}

export function StateChoice({ states, value, choose }: StateChoiceProps) {
  return <Choice word="state" all="every_state" family="state" names={states} value={value} choose={choose} />;
}

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
