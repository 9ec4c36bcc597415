namespace Orchestrator.Engine.Tests.Files;

/// <summary>What a power cut leaves of what was not synced.</summary>
internal enum Leftover
{
    /// <summary>Nothing: neither names nor content.</summary>
    Nothing,

    /// <summary>All names, no content.</summary>
    Names,

    /// <summary>All names and lengths; content is zeros.</summary>
    Zeros,

    /// <summary>Of each folder some names from the first on; of each file some writes from the first on, the last torn at any byte.</summary>
    Some,
}

/// <summary>
/// Plays the steps of a <see cref="ForgetfulDisk"/> up to one of them and writes what is left after a power cut. Names are as durable as their folder was synced, content
/// and length as the file was; after a sync that failed, what was written before is gone unless it is written again.
/// </summary>
internal sealed class PowerCut
{
    private readonly Node _root = new(isFolder: true);
    private readonly Dictionary<int, Node> _files = [];

    public PowerCut(IEnumerable<DiskStep> steps)
    {
        foreach (var step in steps) Play(step);
    }

    public void WriteTo(string folder, Leftover left, int seed) => Write(_root, folder, left, new Random(seed));

    private void Play(DiskStep step)
    {
        switch (step)
        {
            case DiskStep.Created(var path, var number):
                Put(path, _files[number] = new(isFolder: false));
                break;
            case DiskStep.FolderMade(var path):
                Put(path, new(isFolder: true));
                break;
            case DiskStep.Written(var number, var at, var bytes):
                _files[number].Pending.Add(new(at, bytes));
                break;
            case DiskStep.Truncated(var number, var length):
                _files[number].Pending.Add(new(length, null));
                break;
            case DiskStep.Synced(var number, var failed):
                if (failed) _files[number].Doubt();
                else _files[number].Settle();
                break;
            case DiskStep.Renamed(var from, var to):
                Rename(from, to);
                break;
            case DiskStep.Deleted(var path):
                var (parent, name) = Find(path);
                parent?.Change([(name, null)]);
                break;
            case DiskStep.FolderSynced(var path):
                (path == "." ? _root : Node.At(Find(path)))?.Settle();
                break;
            case DiskStep.AllSynced:
                SettleAll(_root);
                break;
        }
    }

    private void Put(string path, Node node)
    {
        var (parent, name) = Find(path);
        parent?.Change([(name, node)]);
    }

    private void Rename(string from, string to)
    {
        var (old, oldName) = Find(from);
        var (now, newName) = Find(to);
        var node = old!.Now[oldName];
        if (old == now) old.Change([(oldName, null), (newName, node)]);   // one step, as in every file system
        else
        {
            now!.Change([(newName, node)]);
            old.Change([(oldName, null)]);
        }
    }

    private (Node? Parent, string Name) Find(string path)
    {
        if (path.StartsWith("..", StringComparison.Ordinal)) return (null, "");
        var parts = path.Split('/');
        var at = _root;
        foreach (var part in parts[..^1]) at = at.Folder(part);
        return (at, parts[^1]);
    }

    private static void SettleAll(Node node)
    {
        node.Settle();
        foreach (var child in node.Now.Values) SettleAll(child);
    }

    private static void Write(Node folder, string path, Leftover left, Random random)
    {
        Directory.CreateDirectory(path);
        foreach (var (name, node) in folder.Left(left, random))
            if (node.IsFolder) Write(node, Path.Combine(path, name), left, random);
            else File.WriteAllBytes(Path.Combine(path, name), node.Content(left, random));
    }

    /// <summary>Bytes at an offset; none: the length.</summary>
    private sealed record Change(long At, byte[]? Bytes)
    {
        public bool IsInDoubt { get; set; }
    }

    private sealed class Node(bool isFolder)
    {
        private readonly List<(string Name, Node? Node)[]> _changes = [];
        private Dictionary<string, Node> _durable = new(StringComparer.Ordinal);
        private byte[] _content = [];

        public bool IsFolder => isFolder;
        public Dictionary<string, Node> Now { get; } = new(StringComparer.Ordinal);
        public List<Change> Pending { get; } = [];

        public static Node? At((Node? Parent, string Name) place) => place.Parent?.Now.GetValueOrDefault(place.Name);

        public void Change((string Name, Node? Node)[] change)
        {
            Apply(Now, change);
            _changes.Add(change);
        }

        /// <summary>A folder in it; one that this disk was not asked for was there before.</summary>
        public Node Folder(string name)
        {
            if (Now.TryGetValue(name, out var known)) return known;
            var found = new Node(isFolder: true);
            _durable[name] = found;
            return Now[name] = found;
        }

        public void Settle()
        {
            _durable = new(Now, StringComparer.Ordinal);
            _changes.Clear();
            foreach (var change in Pending.Where(c => !c.IsInDoubt)) _content = Apply(_content, change, zeros: false);
            Pending.Clear();
        }

        public void Doubt() => Pending.ForEach(c => c.IsInDoubt = true);

        public Dictionary<string, Node> Left(Leftover left, Random random)
        {
            var names = new Dictionary<string, Node>(_durable, StringComparer.Ordinal);
            foreach (var change in _changes.Take(left switch { Leftover.Nothing => 0, Leftover.Some => random.Next(_changes.Count + 1), _ => _changes.Count })) Apply(names, change);
            return names;
        }

        public byte[] Content(Leftover left, Random random)
        {
            var content = _content;
            if (left is Leftover.Nothing or Leftover.Names) return content;
            var count = left == Leftover.Zeros ? Pending.Count : random.Next(Pending.Count + 1);
            for (var i = 0; i < count; i++)
            {
                var change = Pending[i];
                if (left == Leftover.Some && i == count - 1 && change.Bytes is { } bytes) change = change with { Bytes = bytes[..random.Next(bytes.Length + 1)] };
                content = Apply(content, change, left == Leftover.Zeros);
            }
            return content;
        }

        private static void Apply(Dictionary<string, Node> names, (string Name, Node? Node)[] change)
        {
            foreach (var (name, node) in change)
                if (node is null) names.Remove(name);
                else names[name] = node;
        }

        private static byte[] Apply(byte[] content, Change change, bool zeros)
        {
            var length = change.Bytes is null ? change.At : Math.Max(content.Length, change.At + change.Bytes.Length);
            var result = new byte[length];
            content.AsSpan(0, (int)Math.Min(content.Length, length)).CopyTo(result);
            if (change.Bytes is not null && !zeros) change.Bytes.CopyTo(result, change.At);
            return result;
        }
    }
}
