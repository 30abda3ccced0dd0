using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Movements from strides to strides: which kernel, in runs of four where both sides have them, and how much work for an invocation.</summary>
internal static class CopyLowering
{
    private const int GroupSize = 64, MostAxes = 8;

    /// <summary>With fewer invocations than this a device would stand idle; there is no more work for each of them then.</summary>
    private const long FewInvocations = 1024;

    /// <summary>Elements that one invocation moves at most, in the order in which they are tried.</summary>
    private static readonly int[] Loops = [4, 1];

    /// <summary>Why there is no kernel for elements of a type; null when there is one.</summary>
    private static string? Reject(TensorType type, IEnumerable<MovedAxes> movements)
    {
        foreach (MovedAxes movement in movements)
        {
            if (movement.Count == 0) continue;
            MovedAxes? counted = Counted(type.DataType, movement);
            if (counted is null && !Parts(movement)) return $"{type.DataType} elements do not move in whole words";
            if ((counted ?? movement) is { Axes.Count: > MostAxes }) return $"{(counted ?? movement).Axes.Count} axes are too many";
        }
        return null;
    }

    /// <summary>Lowers to one movement of input 0 to output 0.</summary>
    public static GpuLowering Lower(GpuStep step, MovedAxes movement) =>
        Lower(step, step.OutputType(), (step.Input(0), step.Output(), movement));

    /// <summary>Lowers to movements, one after the other.</summary>
    public static GpuLowering Lower(GpuStep step, TensorType type, params (BufferRef X, BufferRef Y, MovedAxes Movement)[] movements)
    {
        if (Reject(type, movements.Select(m => m.Movement)) is { } reason) return GpuLowering.Reject(reason);
        var candidates = new List<GpuCandidate>();
        List<Dispatch>[] ways = [.. movements.Where(m => m.Movement.Count > 0).Select(m => Ways(step.Traits, type.DataType, m.X, m.Y, m.Movement))];
        for (int i = 0; i < Math.Max(ways.Select(w => w.Count).DefaultIfEmpty(1).Max(), 1); i++)
        {
            Dispatch[] dispatches = [.. ways.Select(w => w[Math.Min(i, w.Count - 1)])];
            candidates.Add(new GpuCandidate(dispatches.Length == 0 ? "nothing" : $"{Name(dispatches[0])}", dispatches));
        }
        return GpuLowering.To([.. candidates]);
    }

    private static string Name(Dispatch dispatch) =>
        dispatch.Constants.FirstOrDefault(c => c.Name == "LOOP") is { Name: not null } loop ? $"{dispatch.Kernel}_{loop.Value}" : dispatch.Kernel;

    private static MovedAxes? Counted(DataType type, MovedAxes movement) => type == DataType.F32 ? movement : movement.InWords(type.Size());

    /// <summary>The ways to do one movement, the likely best first; no two are the same.</summary>
    private static List<Dispatch> Ways(GpuTraits traits, DataType type, BufferRef x, BufferRef y, MovedAxes movement)
    {
        var ways = new List<Dispatch>();
        if (Counted(type, movement) is not { } counted)
        {
            if (type.Size() == 1 && Pixels(traits, x, y, movement) is { } pixels) ways.Add(pixels);
            ways.Add(PickParts(traits, 4 / type.Size(), x, y, movement));
            return ways;
        }
        foreach (int loop in Loops)
        {
            if (type != DataType.F32)
                Add(counted.InRuns(4) is { } runs ? Make(traits, "copy_words4", x, y, runs, loop) : Make(traits, "copy_words", x, y, counted, loop));
            else if (counted.InRuns(4) is { } runs)
                Add(Make(traits, "copy4", x, y, runs, loop));
            else
                Add(Blocks(traits, x, y, counted, loop) ?? Pick(traits, x, y, counted, loop) ?? Make(traits, "copy", x, y, counted, loop));
        }
        // Blocks in registers are not best on every device.
        if (type == DataType.F32 && ways[0].Kernel is "transpose4" or "interleave" or "deinterleave" && Pick(traits, x, y, counted, 1) is { } pick) Add(pick);
        return ways;

        void Add(Dispatch way)
        {
            if (!ways.Exists(w => w.Kernel == way.Kernel && w.Constants.SequenceEqual(way.Constants))) ways.Add(way);
        }
    }

    /// <summary>The innermost axes of both sides exchanged: blocks of fours, or two or three planes and the pixels they make.</summary>
    private static Dispatch? Blocks(GpuTraits traits, BufferRef x, BufferRef y, MovedAxes movement, int loop)
    {
        if (movement.Axes.Count < 2) return null;
        MovedAxis column = movement.Axes[^1], row = movement.Axes.FirstOrDefault(a => a.X == 1);
        if (column.Y != 1 || column.X == 1 || row.Size == 0 || !movement.Divisible(4, column, row)) return null;
        IEnumerable<MovedAxis> others = movement.Axes.Where(a => a != column && a != row).Select(a => MovedAxes.Divided(a, 4));
        if (row.Size % 4 == 0 && column.Size % 4 == 0 && row.Y % 4 == 0 && column.X % 4 == 0)
            return Of("transpose4", [new(row.Size / 4, 1, row.Y), new(column.Size / 4, column.X, 1)], ("STEP_X", (int)column.X / 4), ("STEP_Y", (int)row.Y / 4));
        if (column.Size is 2 or 3 && row.Y == column.Size && row.Size % 4 == 0 && column.X % 4 == 0)
            return Of("interleave", [new(row.Size / 4, 1, column.Size)], ("PARTS", (int)column.Size), ("STEP", (int)column.X / 4));
        if (row.Size is 2 or 3 && column.X == row.Size && column.Size % 4 == 0 && row.Y % 4 == 0)
            return Of("deinterleave", [new(column.Size / 4, row.Size, 1)], ("PARTS", (int)row.Size), ("STEP", (int)row.Y / 4));
        return null;

        Dispatch? Of(string kernel, MovedAxis[] inner, params KernelConstant[] constants) =>
            Make(traits, kernel, x, y, new MovedAxes([.. others, .. inner], movement.FirstX / 4, movement.FirstY / 4), loop, constants);
    }

    /// <summary>Two or three planes of bytes and the pixels they make, four at once.</summary>
    private static Dispatch? Pixels(GpuTraits traits, BufferRef x, BufferRef y, MovedAxes movement)
    {
        if (movement.Axes.Count < 2) return null;
        MovedAxis column = movement.Axes[^1], row = movement.Axes.FirstOrDefault(a => a.X == 1);
        if (column is not { Y: 1, Size: 2 or 3 } || row.Y != column.Size || row.Size % 4 != 0 || column.X % 4 != 0 || !movement.Divisible(4, column, row)) return null;
        IEnumerable<MovedAxis> others = movement.Axes.Where(a => a != column && a != row).Select(a => MovedAxes.Divided(a, 4));
        return Make(traits, "interleave_bytes", x, y, new MovedAxes([.. others, new(row.Size / 4, 1, column.Size)], movement.FirstX / 4, movement.FirstY / 4), 1,
            [("PARTS", (int)column.Size), ("STEP", (int)column.X / 4)]);
    }

    /// <summary>Floats read one by one and written in fours.</summary>
    private static Dispatch? Pick(GpuTraits traits, BufferRef x, BufferRef y, MovedAxes movement, int loop)
    {
        if (movement.Axes.Count == 0) return null;
        MovedAxis inner = movement.Axes[^1];
        bool runs = inner.Y == 1 && inner.Size % 4 == 0 && movement.FirstY % 4 == 0 && movement.Axes.All(a => a == inner || a.Y % 4 == 0);
        if (!runs && !(movement.WritesInOrder && movement.Count % 4 == 0 && movement.FirstY % 4 == 0)) return null;
        // Steps of writing are counted in fours where the invocation goes on to its next element only.
        return Make(traits, "pick", x, y, movement, runs ? loop : 1, [("RUNS", runs ? 1 : 0)], run: 4);
    }

    /// <summary>Whether elements smaller than a word fill whole words, but for the last.</summary>
    private static bool Parts(MovedAxes movement) => movement.WritesInOrder && movement.FirstY == 0;

    private static Dispatch PickParts(GpuTraits traits, int parts, BufferRef x, BufferRef y, MovedAxes movement)
    {
        long words = (movement.Count + parts - 1) / parts;
        var constants = new List<KernelConstant> { ("PARTS", parts), ("ELEMENTS", (int)movement.Count), ("COUNT", (int)words) };
        Constants(movement.Axes, constants);
        return new Dispatch("pick_parts", [x, y], Grid.Linear(words, GroupSize, traits.MaxGroups), new Grid(GroupSize), [.. constants], [(int)movement.FirstX, 0]);
    }

    private static Dispatch Make(GpuTraits traits, string kernel, BufferRef x, BufferRef y, MovedAxes movement, int most, KernelConstant[]? more = null, int run = 1)
    {
        MovedAxis[] axes = [.. movement.Axes];
        var constants = new List<KernelConstant>(more ?? []);
        long count = movement.Count / run;
        int loop = 1;
        if (Loop(axes, (int)Math.Min(most, count / FewInvocations), run) is { } found)
        {
            (int axis, loop) = found;
            axes[axis] = axes[axis] with { Size = axes[axis].Size / loop };
            count /= loop;
            constants.AddRange([("LOOP", loop), ("LOOP_X", (int)(axes[axis].Size * axes[axis].X)), ("LOOP_Y", (int)(axes[axis].Size * axes[axis].Y / run))]);
        }
        constants.Add(("COUNT", (int)count));
        Constants(axes, constants);
        return new Dispatch(kernel, [x, y], Grid.Linear(count, GroupSize, traits.MaxGroups), new Grid(GroupSize), [.. constants], [(int)movement.FirstX, (int)movement.FirstY]);
    }

    /// <summary>The axis, the outermost if possible, of which an invocation takes several positions, and how many.</summary>
    private static (int Axis, int Loop)? Loop(MovedAxis[] axes, int most, int run)
    {
        for (int loop = most; loop > 1; loop--)
            for (int i = 0; i < axes.Length; i++)
                if (axes[i].Size % (loop * (i == axes.Length - 1 ? run : 1)) == 0) return (i, loop);
        return null;
    }

    /// <summary>The constants of axes, innermost first, as include/axes.inc declares them.</summary>
    public static void Constants(IReadOnlyList<MovedAxis> axes, List<KernelConstant> constants)
    {
        for (int i = 0; i < axes.Count; i++)
        {
            MovedAxis axis = axes[axes.Count - 1 - i];
            constants.AddRange([($"S{i}", (int)axis.Size), ($"X{i}", (int)axis.X), ($"Y{i}", (int)axis.Y)]);
        }
    }
}
