export const hooks = {
  readPackage(pkg) {
    // pnpm would install the background remover, an optional peer of some hundred megabytes under AGPL-3.0.
    if (pkg.name === '@holodeck/cards') pkg.peerDependencies = {};
    // The Node builds on npm give "os" and "cpu" in forms that pnpm drops from the lock file; without this
    // the Windows build also lands on Linux and competes for the `node` command.
    const match = /^node-(?:bin-)?(linux|darwin|win)-(x64|arm64)$/.exec(pkg.name ?? '');
    if (match) {
      pkg.os = [match[1] === 'win' ? 'win32' : match[1]];
      pkg.cpu = [match[2]];
      if (match[1] === 'linux') pkg.libc = ['glibc'];
    }
    return pkg;
  },
};
