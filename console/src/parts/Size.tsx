/** Return a size in MiB as people say it. */
export function memory(mib: number): string {
  return mib % 1024 === 0 ? `${mib / 1024} GiB` : `${mib} MiB`;
}

export function Size({ vcpus, mib, gib }: { vcpus: number; mib: number; gib: number }) {
  return (
    <span>
      {vcpus} vCPU · {memory(mib)} · {gib} GiB
    </span>
  );
}
