namespace Orchestrator.Core.Expressions;

/// <summary>Recursive descent, loosest operator first: ?: then || then &amp;&amp; then comparisons, sums, products, unary, and steps.</summary>
internal sealed class Parser
{
    private readonly Lexer _lexer;
    private readonly List<ExpressionReference> _references = [];
    private readonly Func<string, bool> _isItem;
    private Token _token;
    private int _depth;

    /// <param name="isItem">Whether a name that is no root may be a fan-out's own name for its item.</param>
    public Parser(string text, Func<string, bool> isItem)
    {
        _isItem = isItem;
        if (text.Length > ExpressionLimits.TextLength)
            throw new SyntaxException($"An expression has at most {ExpressionLimits.TextLength} characters. Compute a part of it in an earlier task.", ExpressionLimits.TextLength, 0);
        _lexer = new(text);
        _token = _lexer.Next();
    }

    public IEnumerable<ExpressionReference> References => _references.Distinct();

    public Node ParseAll()
    {
        if (_token.Kind == TokenKind.End) throw Error("There is no expression here. Write a value, such as params.day.");
        var node = Choice();
        return _token.Kind == TokenKind.End ? node : throw Error($"An operator was expected, not {_token.Shown}. Join values with an operator such as + or &&; put text in quotes.");
    }

    private Node Choice()
    {
        Enter();
        var node = Logic(isAnd: false);
        if (Take("?"))
        {
            var then = Choice();
            Expect(":", "of '?:'");
            node = new Node.Choice(node, then, Choice());
        }
        _depth--;
        return node;
    }

    private Node Logic(bool isAnd)
    {
        var first = Operand();
        if (!_token.Is(isAnd ? "&&" : "||")) return first;
        var operands = new List<Node> { first };
        while (Take(isAnd ? "&&" : "||")) operands.Add(Operand());
        return new Node.Logic(isAnd, [.. operands]);

        Node Operand() => isAnd ? Comparison() : Logic(isAnd: true);
    }

    private Node Comparison()
    {
        var left = Sum();
        if (!IsComparison()) return left;
        var op = Advance().Text;
        var node = new Node.Comparison(op, left, Sum());
        return IsComparison() ? throw Error("Comparisons do not chain. Join two of them with '&&', or use parentheses.") : node;

        bool IsComparison() => _token.Kind == TokenKind.Symbol && _token.Text is "==" or "!=" or "<" or "<=" or ">" or ">=";
    }

    private Node Sum() => Arithmetic(Product, '+', '-', '+');

    private Node Product() => Arithmetic(Unary, '*', '/', '%');

    private Node Arithmetic(Func<Node> operand, char a, char b, char c)
    {
        var first = operand();
        if (!IsOperator()) return first;
        var rest = new List<(char, Node)>();
        while (IsOperator()) rest.Add((Advance().Text[0], operand()));
        return new Node.Arithmetic(first, [.. rest]);

        bool IsOperator() => _token is { Kind: TokenKind.Symbol, Text.Length: 1 } && (_token.Text[0] == a || _token.Text[0] == b || _token.Text[0] == c);
    }

    private Node Unary()
    {
        var isNot = _token.Is("!");
        if (!isNot && !_token.Is("-")) return Steps(Primary());
        Advance();
        Enter();
        var operand = Unary();
        _depth--;
        return isNot ? new Node.Not(operand) : new Node.Negated(operand);
    }

    private Node Steps(Node target)
    {
        var steps = new List<Node.Step>();
        while (true)
        {
            if (Take(".")) steps.Add(new(Name("a member's name after '.'").Text, null));
            else if (Take("["))
            {
                var index = Choice();
                Expect("]", "of the index");
                // A quoted name is a name the author wrote, so errors may show it.
                steps.Add(index is Node.Literal { Value.Kind: ExpressionKind.String } name ? new(name.Value.Text, null) : new(null, index));
            }
            else return steps.Count == 0 ? target : new Node.Path(target, [.. steps]);
        }
    }

    private Node Primary()
    {
        var token = Advance();
        switch (token.Kind)
        {
            case TokenKind.Number:
                return new Node.Literal(ExpressionValue.From(token.Number));
            case TokenKind.String:
                return new Node.Literal(ExpressionValue.From(token.Text));
            case TokenKind.Name:
                return _token.Is("(") ? Call(token) : Word(token);
            case TokenKind.Symbol when token.Text == "(":
                var inner = Choice();
                Expect(")", "of the parentheses");
                return inner;
            case TokenKind.Symbol when token.Text == "[":
                return new Node.ListOf(Sequence("]", "of the list"));
            default:
                throw Error($"A value was expected, not {token.Shown}. Write one here, such as params.day, 5 or 'text'.", token);
        }
    }

    private Node Call(Token name)
    {
        Expect("(", "of the call");
        if (ExpressionFunctions.Find(name.Text) is not { } function)
        {
            var near = Suggest.DidYouMean(name.Text, ExpressionFunctions.All.Select(f => f.Name));
            throw Error($"There is no function '{name.Text}'. {ForeignNames.OfFunction(name.Text) ?? (near.Length > 0 ? near : "There are: " + ExpressionFunctions.Names + ".")}", name);
        }
        var arguments = Sequence(")", "of the call");
        if (arguments.Length < function.MinArguments || arguments.Length > function.MaxArguments)
            throw Error($"'{name.Text}' does not take {arguments.Length} argument{(arguments.Length == 1 ? "" : "s")}. It is called as {function.Signature}.", name);
        return name.Text == Roots.Now ? new Node.Named(Roots.Now, "") : new Node.Call(function, arguments);
    }

    private Node Word(Token word)
    {
        switch (word.Text)
        {
            case "true": return new Node.Literal(ExpressionValue.True);
            case "false": return new Node.Literal(ExpressionValue.False);
            case "null": return new Node.Literal(ExpressionValue.Null);
            case Roots.Now: return new Node.Named(Roots.Now, "");
        }
        var isRoot = Roots.All.Contains(word.Text);
        if (!isRoot && !_isItem(word.Text)) throw Error(Roots.Unknown(word.Text), word);
        if (!isRoot || Roots.Whole.Contains(word.Text))
        {
            _references.Add(new(isRoot ? word.Text : "item", ""));
            return new Node.Named(word.Text, "");
        }

        var name = RootMember(word);
        if (Roots.MembersOf(word.Text) is { } members) Known(name, members, $"'{word.Text}'");
        _references.Add(new(word.Text, name.Text));
        if (word.Text != "tasks") return new Node.Named(word.Text, name.Text);

        const string shape = "Name a member of the task: status, outputs, exit_code, attempts or duration_ms, as in tasks.check.outputs.rows.";
        if (_token is { Kind: TokenKind.Symbol, Text: "[" } && _lexer.IsNumberNext())
            throw Error($"The children of a fan-out are not named one by one. Their results are tasks.{name.Text}.outputs.results[0], in the order of the items.", name);
        if (!Take(".")) throw Error(shape, name);
        var member = Name(shape);
        Known(member, Roots.TaskMembers, "a task", $" Results are read as tasks.{name.Text}.outputs.{member.Text}.");
        return new Node.OfTask(name.Text, member.Text);
    }

    private Token RootMember(Token root)
    {
        var example = root.Text switch { "tasks" => "tasks.check or tasks[\"check\"]", "run" => "run.id", "schedule" => "schedule.id", "matrix" => "matrix.axis", _ => $"{root.Text}.name or {root.Text}[\"name\"]" };
        if (_token.Is("."))
        {
            _token = _lexer.Next(asName: true);
            return Name($"a name after '{root.Text}.', as in {example}");
        }
        if (!Take("[")) throw Error($"'{root.Text}' alone is not a value. Name one of them, as in {example}.", root);
        var name = Advance();
        if (name.Kind != TokenKind.String || !_token.Is("]"))
            throw Error($"'{root.Text}[...]' takes a name in quotes, not a computed one, as in {example}: what an expression needs must be known before it runs.", name);
        Advance();
        return name;
    }

    private static void Known(Token name, string[] names, string owner, string remedy = "")
    {
        if (names.Contains(name.Text)) return;
        var near = Suggest.Closest(name.Text, names) is { } meant ? $" Did you mean '{meant}'?" : remedy;
        throw Error($"There is no '{name.Text}' in {owner}, only {string.Join(", ", names)}.{near}", name);
    }

    private Node[] Sequence(string close, string what)
    {
        var items = new List<Node>();
        if (Take(close)) return [];
        do items.Add(Choice()); while (Take(","));
        Expect(close, what);
        return [.. items];
    }

    private Token Name(string expected) => _token.Kind == TokenKind.Name ? Advance()
        : throw Error(expected.EndsWith('.') ? expected : $"There must be {expected}, not {_token.Shown}. Write a name that is not a word in brackets and quotes: ['a b'].");

    private void Enter()
    {
        if (++_depth > ExpressionLimits.Depth) throw Error($"This is nested deeper than {ExpressionLimits.Depth} levels. Compute a part of it in an earlier task.");
    }

    private Token Advance()
    {
        var token = _token;
        _token = token.Kind == TokenKind.End ? token : _lexer.Next();
        return token;
    }

    private bool Take(string symbol)
    {
        if (!_token.Is(symbol)) return false;
        Advance();
        return true;
    }

    private void Expect(string symbol, string what)
    {
        if (!Take(symbol)) throw Error($"The '{symbol}' {what} was expected, not {_token.Shown}. Add it here.");
    }

    private SyntaxException Error(string message) => Error(message, _token);

    private static SyntaxException Error(string message, Token at) => new(message, at.Offset, at.Length);
}
