using System.Buffers;

namespace Orchestrator.Engine.Executors.Secrets;

/// <summary>
/// All forms of all secrets as one automaton (Aho-Corasick), so that a text is read once whatever their number. Immutable.
/// Nodes are kept as first child and next sibling: forms are long and few, so a table of 256 entries a node would be mostly air.
/// </summary>
internal sealed class SecretPatterns
{
    private readonly List<Node> _nodes = [new Node()];
    private readonly int[] _roots = new int[256];
    private readonly SearchValues<byte> _firstBytes;

    private SecretPatterns(IEnumerable<byte[]> forms)
    {
        foreach (var form in forms) Add(form);
        Link();
        _firstBytes = SearchValues.Create([.. Enumerable.Range(0, 256).Where(b => _roots[b] != 0).Select(b => (byte)b)]);
    }

    /// <summary>Forms of these secrets; null when there is nothing to look for.</summary>
    public static SecretPatterns? Of(IReadOnlyList<string> secrets, int shortest = 1)
    {
        var wanted = secrets.Where(s => s.Length >= shortest).ToList();
        return wanted.Count == 0 ? null : new(wanted.SelectMany(SecretForms.Of));
    }

    public bool FoundIn(ReadOnlySpan<byte> text)
    {
        var state = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (state == 0 && (i += SkipTo(text[i..])) >= text.Length) return false;
            state = Next(state, text[i]);
            if (_nodes[state].Match > 0) return true;
        }
        return false;
    }

    /// <summary>How many bytes cannot begin a form.</summary>
    public int SkipTo(ReadOnlySpan<byte> text) => text.IndexOfAny(_firstBytes) is >= 0 and var at ? at : text.Length;

    /// <summary>The state after one more byte; 0 is the start.</summary>
    public int Next(int state, byte value)
    {
        for (; state != 0; state = _nodes[state].Fail)
            if (Child(state, value) is > 0 and var child) return child;
        return _roots[value];
    }

    /// <summary>How many of the last bytes are the beginning of a form.</summary>
    public int Depth(int state) => _nodes[state].Depth;

    /// <summary>Length of the longest form that ends here; 0 for none.</summary>
    public int Match(int state) => _nodes[state].Match;

    private void Add(byte[] form)
    {
        var at = 0;
        foreach (var value in form)
        {
            var child = at == 0 ? _roots[value] : Child(at, value);
            if (child == 0)
            {
                child = _nodes.Count;
                _nodes.Add(new Node { Value = value, Depth = _nodes[at].Depth + 1, Sibling = at == 0 ? 0 : _nodes[at].FirstChild });
                if (at == 0) _roots[value] = child;
                else _nodes[at].FirstChild = child;
            }
            at = child;
        }
        if (at != 0) _nodes[at].Match = form.Length;
    }

    private int Child(int parent, byte value)
    {
        for (var child = _nodes[parent].FirstChild; child != 0; child = _nodes[child].Sibling)
            if (_nodes[child].Value == value) return child;
        return 0;
    }

    private void Link()
    {
        var queue = new Queue<int>(_roots.Where(n => n != 0));
        while (queue.TryDequeue(out var at))
            for (var child = _nodes[at].FirstChild; child != 0; child = _nodes[child].Sibling)
            {
                var node = _nodes[child];
                node.Fail = Next(_nodes[at].Fail, node.Value);
                node.Match = Math.Max(node.Match, _nodes[node.Fail].Match);
                queue.Enqueue(child);
            }
    }

    private sealed class Node
    {
        public byte Value { get; init; }
        public int Depth { get; init; }
        public int Sibling { get; init; }
        public int FirstChild { get; set; }
        public int Fail { get; set; }
        public int Match { get; set; }
    }
}
