using System.Numerics;
using System.Runtime.CompilerServices;

namespace Orchestrator.Engine.Secrets;

/// <summary>
/// Texts looked for all at once (Aho-Corasick): each symbol of a stream is one step, whatever their number. States are numbered by their depth: the
/// shallow ones, where nearly all steps are made, have a row with every step; the others have their children
/// and what they fall back to. Immutable once built.
/// </summary>
internal sealed class FormAutomaton
{
    /// <summary>Set in what <see cref="Step"/> gives where a text ends.</summary>
    public const int Ends = int.MinValue;

    private const int MaxEntries = 1 << 18;
    private const int LongestWindow = 64;
    private readonly ushort[] _classes = new ushort[256];   // 0: in no text
    private readonly int[] _depths, _fails, _matches, _firstChildren, _siblings, _table;
    private readonly ushort[] _symbols;   // the class that leads to a state
    private readonly int _shift, _dense, _window, _classCount;
    private readonly byte[] _shifts;   // by the classes of two symbols

    /// <param name="texts">What to look for; empty ones are left out.</param>
    /// <param name="same">Pairs of symbols of which the first counts as the second.</param>
    public FormAutomaton(IEnumerable<byte[]> texts, params ReadOnlySpan<(char Read, char As)> same)
    {
        var tree = new Tree();
        foreach (var text in texts)
        {
            if (text.Length == 0) continue;
            (Longest, Shortest) = (Math.Max(Longest, text.Length), Math.Min(Shortest, text.Length));
            tree.Add(text, _classes);
        }
        foreach (var (read, of) in same) _classes[read] = _classes[of];

        var (order, places) = tree.ByDepth();
        var count = order.Length;
        (_depths, _fails, _matches, _firstChildren, _siblings, _symbols) = (new int[count], new int[count], new int[count], new int[count], new int[count], new ushort[count]);
        _shift = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(tree.Classes, 2)));
        _dense = Math.Min(count, MaxEntries >> _shift);
        _table = new int[_dense << _shift];
        for (var at = 0; at < count; at++)
        {
            var old = order[at];
            (_depths[at], _firstChildren[at], _siblings[at], _symbols[at]) = (tree.Depth[old], places[tree.FirstChild[old]], places[tree.Sibling[old]], tree.Symbol[old]);
        }
        for (var at = 0; at < count; at++)
        {
            var old = order[at];
            if (at != 0)
            {
                var parent = places[tree.Parent[old]];
                _fails[at] = parent == 0 ? 0 : StepOf(_fails[parent], _symbols[at]) & ~Ends;
                _matches[at] = tree.Texts.Contains(old) ? _depths[at] : _matches[_fails[at]];
            }
            if (at < _dense) AddRow(at, tree.Classes);
        }
        (_window, _classCount) = (Math.Min(Shortest, LongestWindow), tree.Classes);
        _shifts = _window < 2 ? [] : tree.Shifts(_window);
        // Only now is it known which states end a text.
        for (var i = 0; i < _table.Length; i++)
            if (_matches[_table[i]] > 0) _table[i] |= Ends;
    }

    /// <summary>Length of the longest text; 0 without any.</summary>
    public int Longest { get; }

    /// <summary>Length of the shortest text.</summary>
    public int Shortest { get; } = int.MaxValue;

    /// <summary>The state after one more symbol, with <see cref="Ends"/> where a text ends there; 0 is the start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Step(int state, byte symbol) => state < _dense ? _table[(state << _shift) + _classes[symbol]] : StepOf(state, _classes[symbol]);

    /// <summary>
    /// Where the next text may begin, in state 0 at <paramref name="from"/>. Every text has its first symbols within a window of the shortest one's
    /// length; the last two symbols of a window say how far it can be moved, so that most symbols are not
    /// looked at. What is left at the end is not judged.
    /// </summary>
    public int Skip(ReadOnlySpan<byte> bytes, int from, int to)
    {
        var (shifts, classes, count, window) = (_shifts, _classes, _classCount, _window);
        if (window < 2) return from;
        for (var last = from + window - 1; last < to; last = from + window - 1)
        {
            var shift = shifts[(classes[bytes[last - 1]] * count) + classes[bytes[last]]];
            if (shift == 0) return from;
            from += shift;
        }
        return from;
    }

    /// <summary>How many of the last symbols are the beginning of a text.</summary>
    public int Depth(int state) => _depths[state];

    /// <summary>Length of the longest text that ends here; 0 for none.</summary>
    public int Match(int state) => _matches[state];

    private int StepOf(int state, ushort symbol)
    {
        if (symbol == 0) return 0;
        for (; ; state = _fails[state])
        {
            if (state < _dense) return _table[(state << _shift) + symbol];
            for (var child = _firstChildren[state]; child != 0; child = _siblings[child])
                if (_symbols[child] == symbol) return _matches[child] > 0 ? child | Ends : child;
        }
    }

    private void AddRow(int at, int classes)
    {
        var row = at << _shift;
        if (at != 0) _table.AsSpan(_fails[at] << _shift, classes).CopyTo(_table.AsSpan(row));   // that one is shallower, so it has its row
        for (var child = _firstChildren[at]; child != 0; child = _siblings[child]) _table[row + _symbols[child]] = child;
    }

    /// <summary>The texts as a tree, in the order they came.</summary>
    private sealed class Tree
    {
        public List<int> FirstChild { get; } = [0];

        public List<int> Sibling { get; } = [0];

        public List<int> Parent { get; } = [0];

        public List<int> Depth { get; } = [0];

        public List<ushort> Symbol { get; } = [0];

        public HashSet<int> Texts { get; } = [];

        public int Classes { get; private set; } = 1;

        public void Add(byte[] text, ushort[] classes)
        {
            var at = 0;
            foreach (var symbol in text)
            {
                if (classes[symbol] == 0) classes[symbol] = (ushort)Classes++;
                var next = FirstChild[at];
                while (next != 0 && Symbol[next] != classes[symbol]) next = Sibling[next];
                if (next == 0)
                {
                    next = FirstChild.Count;
                    FirstChild.Add(0);
                    Sibling.Add(FirstChild[at]);
                    Parent.Add(at);
                    Depth.Add(Depth[at] + 1);
                    Symbol.Add(classes[symbol]);
                    FirstChild[at] = next;
                }
                at = next;
            }
            Texts.Add(at);
        }

        /// <summary>For the classes of two symbols: how far from them the end of a window has to move until a text may begin with the window.</summary>
        public byte[] Shifts(int window)
        {
            var shifts = new byte[Classes * Classes];
            shifts.AsSpan().Fill((byte)(window - 1));
            for (var at = 0; at < Depth.Count; at++)
            {
                if (Depth[at] < 2 || Depth[at] > window) continue;
                ref var shift = ref shifts[(Symbol[Parent[at]] * Classes) + Symbol[at]];
                shift = (byte)Math.Min(shift, window - Depth[at]);
            }
            return shifts;
        }

        /// <summary>States by depth, and the place of each in that order.</summary>
        public (int[] Order, int[] Places) ByDepth()
        {
            var (order, places) = (new int[FirstChild.Count], new int[FirstChild.Count]);
            var count = 1;
            for (var at = 0; at < count; at++)
                for (var child = FirstChild[order[at]]; child != 0; child = Sibling[child])
                {
                    places[child] = count;
                    order[count++] = child;
                }
            return (order, places);
        }
    }
}
