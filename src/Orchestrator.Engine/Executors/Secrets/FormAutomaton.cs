using System.Runtime.CompilerServices;

namespace Orchestrator.Engine.Executors.Secrets;

/// <summary>
/// Texts looked for all at once (Aho-Corasick): each symbol of a stream is one step, whatever their number. Where texts part, a state has a row with every step; along the
/// tails, where one symbol leads on, it has that one. Immutable once built.
/// </summary>
internal sealed class FormAutomaton
{
    private readonly ushort[] _classes = new ushort[256];   // 0: in no text
    private readonly List<int> _firstChild = [0], _sibling = [0], _depths = [0];
    private readonly List<byte> _symbols = [0];
    private readonly HashSet<int> _ends = [];
    private int _classCount = 1, _tableLength;
    private int[] _child = [], _fail = [], _match = [], _rows = [], _table = new int[256], _depth = [];
    private byte[] _symbol = [];

    /// <param name="texts">What to look for; empty ones are left out.</param>
    /// <param name="same">Pairs of symbols of which the first counts as the second.</param>
    public FormAutomaton(IEnumerable<byte[]> texts, params ReadOnlySpan<(char Read, char As)> same)
    {
        foreach (var text in texts) Add(text);
        foreach (var (read, of) in same) _classes[read] = _classes[of];
        Build();
    }

    /// <summary>Length of the longest text; 0 without any.</summary>
    public int Longest { get; private set; }

    /// <summary>The state after one more symbol; 0 is the start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(int state, byte symbol)
    {
        var c = _classes[symbol];
        if (c == 0) return 0;
        var row = _rows[state];
        return row >= 0 ? _table[row + c] : NextOfTail(state, c);
    }

    /// <summary>How many of the last symbols are the beginning of a text.</summary>
    public int Depth(int state) => _depth[state];

    /// <summary>Length of the longest text that ends here; 0 for none.</summary>
    public int Match(int state) => _match[state];

    private int NextOfTail(int state, ushort c)
    {
        for (int row; ; state = _fail[state])
        {
            if ((row = _rows[state]) >= 0) return _table[row + c];
            var only = _child[state];
            if (only != 0 && _classes[_symbol[only]] == c) return only;
        }
    }

    private void Add(byte[] text)
    {
        Longest = Math.Max(Longest, text.Length);
        var at = 0;
        foreach (var symbol in text)
        {
            if (_classes[symbol] == 0) _classes[symbol] = (ushort)_classCount++;
            var next = _firstChild[at];
            while (next != 0 && _symbols[next] != symbol) next = _sibling[next];
            if (next == 0)
            {
                next = _firstChild.Count;
                _firstChild.Add(0);
                _sibling.Add(_firstChild[at]);
                _depths.Add(_depths[at] + 1);
                _symbols.Add(symbol);
                _firstChild[at] = next;
            }
            at = next;
        }
        if (at != 0) _ends.Add(at);
    }

    private void Build()
    {
        (_child, _depth, _symbol) = ([.. _firstChild], [.. _depths], [.. _symbols]);
        var count = _child.Length;
        (_fail, _match, _rows) = (new int[count], new int[count], new int[count]);
        var parents = new int[count];
        var queue = new Queue<int>();
        // Shallow states first: those that a state falls back to are done before it.
        for (queue.Enqueue(0); queue.TryDequeue(out var at);)
        {
            if (at != 0)
            {
                _fail[at] = parents[at] == 0 ? 0 : Next(_fail[parents[at]], _symbol[at]);
                _match[at] = _ends.Contains(at) ? _depth[at] : _match[_fail[at]];
            }
            for (var child = _child[at]; child != 0; child = _sibling[child])
            {
                parents[child] = at;
                queue.Enqueue(child);
            }
            if (_depth[at] > 1 && (_child[at] == 0 || _sibling[_child[at]] == 0)) _rows[at] = -1;
            else AddRow(at);
        }
    }

    private void AddRow(int at)
    {
        var row = _tableLength;
        _tableLength += _classCount;
        if (_tableLength > _table.Length) Array.Resize(ref _table, Math.Max(_tableLength, _table.Length * 2));
        if (at != 0)
            for (var symbol = 0; symbol < 256; symbol++)
                if (_classes[symbol] is var c and > 0) _table[row + c] = Next(_fail[at], (byte)symbol);
        for (var child = _child[at]; child != 0; child = _sibling[child]) _table[row + _classes[_symbol[child]]] = child;
        _rows[at] = row;
    }
}
