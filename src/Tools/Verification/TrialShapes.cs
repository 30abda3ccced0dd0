using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Verification;

/// <summary>
/// Sizes for open dimensions. Where nobody has said which make sense, they are guessed from names and positions, and the reference tells which of them the
/// model takes: pictures and sequences of usual sizes, once for a batch of one, once for two.
/// </summary>
internal static class TrialShapes
{
    private static readonly int[] Pictures = [320, 256, 224, 416, 640, 512, 192, 160, 128, 96, 64, 32, 28];

    private static readonly int[] Signals = [512, 1024, 256, 128, 64, 32, 2048, 4096, 8000, 16000];

    private static readonly int[] Tokens = [16, 24, 32, 48, 64, 96, 128, 160, 256, 320, 480, 512, 576, 640, 1024, 1536, 2048, 4096, 8000, 16000];

    /// <summary>What an open dimension stands for.</summary>
    private enum Role { Batch, Past, Total, Height, Size }

    /// <summary>The shapes of a case that says them.</summary>
    public static Shape[] Of(Graph graph, TrialCase trial) =>
        [.. graph.Inputs.Select(i => i.Type.Shape.IsStatic ? i.Type.Shape : TrialFacts.Find(trial.Shapes, i.Name) is { } given ? new Shape(given) : Sized(graph, i, 1, 16, 16, 0))];

    /// <summary>Two sets of shapes that the model takes; one where all are known, or where only one was found.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="takes">Whether the reference runs with such shapes.</param>
    public static IReadOnlyList<Shape[]> Guess(Graph graph, Func<Shape[], bool> takes)
    {
        if (graph.Inputs.All(i => i.Type.Shape.IsStatic)) return [[.. graph.Inputs.Select(i => i.Type.Shape)]];
        Value[] open = [.. graph.Inputs.Where(i => !i.Type.Shape.IsStatic)];
        int[] sizes = open.Any(i => !i.Type.DataType.IsFloat()) ? Tokens : open.Any(i => i.Type.Shape.Rank == 4) ? Pictures : Signals;
        var found = new List<Shape[]>();
        foreach (int size in sizes)
        {
            // The second set differs in all that may differ: batch, past, and height from width.
            if (found.Count > 0 && Try(2, size, size / 4 * 3, 3) is { } other && !Same(found[0], other))
            {
                found.Add(other);
                return found;
            }
            if (Try(1, size, size, 0) is not { } shapes || (found.Count > 0 && Same(found[0], shapes))) continue;
            found.Add(shapes);
            if (found.Count > 1) return found;
        }
        if (found.Count == 1)
            foreach (int size in sizes)
                if (Try(2, size, size, 3) is { } batch && !Same(found[0], batch)) return [found[0], batch];
        return found;

        Shape[]? Try(int batch, int size, int height, int past)
        {
            Shape[] shapes = [.. graph.Inputs.Select(i => Sized(graph, i, batch, size, height, past))];
            return takes(shapes) ? shapes : null;
        }
    }

    /// <summary>True when two sets of shapes are the same.</summary>
    private static bool Same(Shape[] a, Shape[] b) => a.SequenceEqual(b);

    private static Shape Sized(Graph graph, Value input, int batch, int size, int height, int past)
    {
        Shape shape = input.Type.Shape;
        if (shape.IsUnranked) return new Shape(batch, size);
        int[] sizes = new int[shape.Rank];
        for (int axis = 0; axis < sizes.Length; axis++)
        {
            sizes[axis] = shape[axis] >= 0 ? shape[axis] : RoleOf(graph, shape, axis) switch
            {
                Role.Batch => batch,
                Role.Past => past,
                Role.Total => past + size,
                Role.Height => height,
                _ => size,
            };
        }
        return new Shape(sizes);
    }

    private static Role RoleOf(Graph graph, in Shape shape, int axis)
    {
        int symbol = Shape.SymbolIndex(shape[axis]);
        string name = symbol >= 0 && symbol < graph.Symbols.Count ? graph.Symbols[symbol].ToLowerInvariant() : "";
        if (name.Contains("batch") || name is "n" or "b") return Role.Batch;
        if (name.Contains("past")) return Role.Past;
        if (name.Contains("total")) return Role.Total;
        if (axis == 0 && shape.Rank > 1) return Role.Batch;
        return shape.Rank == 4 && (shape[1] is > 0 and <= 4 ? axis == 2 : axis == 1) ? Role.Height : Role.Size;
    }
}
