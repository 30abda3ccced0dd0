using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>Finds quantized values that are better off with one range: operands of a concatenation and its result. Bytes are then joined as they are; with ranges of their own, operands would be rounded twice.</summary>
internal static class RangeGroups
{
    /// <summary>An operand that others read too shares a range only while that does not take more than this from its resolution.</summary>
    private const double MostLoss = 2;

    /// <summary>All quantized values, those that share a range together.</summary>
    public static IEnumerable<IReadOnlyList<Value>> Of(QuantizationPlan plan, IReadOnlyDictionary<Value, ValueStatistics> statistics)
    {
        var leader = plan.Quantized.ToDictionary(v => v, v => v);
        foreach (Value result in plan.Quantized)
        {
            if (result.Producer is not { Operator: Concat } concat || !plan.Integer.Contains(concat)) continue;
            foreach (Value? operand in concat.Inputs)
            {
                if (operand is not { Constant: null } || Source(plan, operand) is not { Producer: not null } source || !plan.IsMadeOfIntegers(source)) continue;
                bool alone = Readers(source).All(n => n == concat);
                if (alone || Span(statistics[result]) <= MostLoss * Span(statistics[source])) leader[Find(source)] = Find(result);
            }
        }
        return plan.Quantized.GroupBy(Find).Select(g => (IReadOnlyList<Value>)[.. g]);

        Value Find(Value value)
        {
            while (leader[value] != value) value = leader[value];
            return value;
        }
    }

    /// <summary>The quantized value whose bytes a value has: itself, or what it was moved from.</summary>
    public static Value? Source(QuantizationPlan plan, Value value)
    {
        while (!plan.HasRange(value))
        {
            if (value.Producer is not { } maker || QuantizableNode.KindOf(maker) != NodeKind.Movement) return null;
            value = maker.Inputs[0]!;
        }
        return value;
    }

    /// <summary>The value and all that it is moved to.</summary>
    public static IEnumerable<Value> Moved(Value value)
    {
        yield return value;
        foreach (Node node in value.Consumers.Distinct())
        {
            if (QuantizableNode.KindOf(node) != NodeKind.Movement || node.Inputs[0] != value) continue;
            foreach (Value moved in node.Outputs.SelectMany(Moved)) yield return moved;
        }
    }

    /// <summary>Who reads the value, or what it is moved to.</summary>
    public static IEnumerable<Node> Readers(Value value) =>
        Moved(value).SelectMany(v => v.Consumers.Where(n => QuantizableNode.KindOf(n) != NodeKind.Movement || n.Inputs[0] != v)).Distinct();

    private static double Span(ValueStatistics statistics) => statistics.IsEmpty ? 0 : Math.Max(statistics.Max, 0) - Math.Min(statistics.Min, 0);
}
