using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Recurrent layers: cells, directions, widths around a vector's, one sequence and several, one step and many, and every optional input.</summary>
internal static class RecurrentCases
{
    public static IEnumerable<OperatorCase> All
    {
        get
        {
            foreach (RecurrentCell cell in Enum.GetValues<RecurrentCell>())
            {
                foreach (int hidden in (int[])[1, 3, 4, 7, 8, 13, 16, 24, 33])
                {
                    yield return Case($"{cell} {hidden}", new() { Cell = cell, Hidden = hidden }, 5, 1, 6);
                    yield return Case($"{cell} {hidden} both, 3 sequences", new() { Cell = cell, Hidden = hidden, Direction = RecurrentDirection.Both }, 4, 3, 5, bias: true, start: true);
                    yield return Case($"{cell} {hidden} reset before, back", new() { Cell = cell, Hidden = hidden, Direction = RecurrentDirection.Reverse, LinearBeforeReset = true }, 3, 7, 9, bias: true, start: true);
                }
                yield return Case($"{cell} one step", new() { Cell = cell, Hidden = 16 }, 1, 33, 16, bias: true, start: true);
                yield return Case($"{cell} many steps", new() { Cell = cell, Hidden = 11 }, 203, 1, 7, bias: true);
                yield return Case($"{cell} many steps back", new() { Cell = cell, Hidden = 11, Direction = RecurrentDirection.Reverse }, 203, 2, 7, bias: true);
                yield return Case($"{cell} many sequences", new() { Cell = cell, Hidden = 20, Direction = RecurrentDirection.Both }, 9, 101, 12, bias: true, start: true);
                yield return Case($"{cell} lengths", new() { Cell = cell, Hidden = 10, Direction = RecurrentDirection.Both }, 6, 4, 5, bias: true, start: true, lengths: [6, 0, 3, 1]);
                yield return Case($"{cell} clip", new() { Cell = cell, Hidden = 9, Clip = 0.3f }, 6, 2, 5, bias: true, start: true);
                yield return Case($"{cell} weights at run time", new() { Cell = cell, Hidden = 9, Direction = RecurrentDirection.Both }, 6, 2, 5, bias: true, start: true, constant: false);
                yield return Case($"{cell} other activations", new() { Cell = cell, Hidden = 12, Activations = Others(cell) }, 6, 2, 5, bias: true);
            }
            yield return Case("Lstm peepholes", new() { Cell = RecurrentCell.Lstm, Hidden = 13 }, 5, 2, 4, bias: true, start: true, peepholes: true);
            yield return Case("Lstm peepholes, clip", new() { Cell = RecurrentCell.Lstm, Hidden = 13, Clip = 0.2f, Direction = RecurrentDirection.Both }, 5, 2, 4, peepholes: true);
            yield return Case("Lstm coupled", new() { Cell = RecurrentCell.Lstm, Hidden = 13, CoupledForget = true }, 5, 2, 4, bias: true, start: true, peepholes: true);
            yield return Case("Gru clip, reset before", new() { Cell = RecurrentCell.Gru, Hidden = 13, Clip = 0.2f, LinearBeforeReset = true }, 5, 2, 4, bias: true, start: true);
        }
    }

    private static Activation[] Others(RecurrentCell cell) => cell switch
    {
        RecurrentCell.Simple => [new(UnaryFunction.LeakyRelu, 0.1f)],
        RecurrentCell.Gru => [new(UnaryFunction.HardSigmoid, 0.2f, 0.5f), new(UnaryFunction.Softsign)],
        _ => [new(UnaryFunction.HardSigmoid, 0.2f, 0.5f), new(UnaryFunction.Relu), new(UnaryFunction.Softplus)],
    };

    private static OperatorCase Case(string name, RecurrentLayer layer, int steps, int batch, int width, bool bias = false, bool start = false, bool peepholes = false, bool constant = true, long[]? lengths = null)
    {
        int d = layer.Directions, columns = layer.Gates * layer.Hidden;
        CaseInput state = new(new TensorType(DataType.F32, d, batch, layer.Hidden), Scale: 1);
        return new OperatorCase($"recurrent {name}", layer,
        [
            new(new TensorType(DataType.F32, steps, batch, width)), Weight(d, columns, width), Weight(d, columns, layer.Hidden), bias ? Weight(d, 2 * columns) : null,
            lengths is null ? null : new(new TensorType(DataType.I64, batch), Values: lengths), start ? state : null, start && layer.Cell == RecurrentCell.Lstm ? state : null,
            peepholes ? Weight(d, 3 * layer.Hidden) : null,
        ]);

        CaseInput Weight(params int[] shape) => new(new TensorType(DataType.F32, shape), constant, Scale: 0.6f);
    }
}
