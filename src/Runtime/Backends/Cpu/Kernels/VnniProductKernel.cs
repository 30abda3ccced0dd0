using System.Runtime.Intrinsics;
using EdgeRuntime.Backends.Cpu.MachineCode;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// A product of 8-bit rows and any constant 8-bit weights in quads, by blocks of <see cref="VnniTile"/>. The zero point of x counts by the sums of columns, which sums begin with, and padding is the zero point; the zero points of
/// weights count by the sums of rows.
/// </summary>
internal sealed unsafe class VnniProductKernel : ByteProductKernel
{
    private const int ScratchBytes = 128 * 1024;

    private readonly QuadPanels<QuadLanes512, Vector512<int>>[] groups;
    private readonly SumsEpilogue epilogue;
    private readonly VnniRange* range;
    private readonly VnniResult result;
    private readonly int* nothing;
    private readonly bool constantZero;
    private readonly int lift;

    /// <summary>Binds the product; the bias of the epilogue is corrected here where the zero point of x is known.</summary>
    /// <param name="binding">The step: input 0 is x.</param>
    /// <param name="operand">The rows, as U8.</param>
    /// <param name="groups">The weights of each group of columns.</param>
    /// <param name="epilogue">Writes sums that the tile does not make bytes of.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="zeroX">Zero point of x where it is known; else null.</param>
    public VnniProductKernel(CpuBinding binding, ByteOperand operand, QuadPanels<QuadLanes512, Vector512<int>>[] groups, SumsEpilogue epilogue, long rows, int? zeroX)
        : base(binding, operand, groups.Length, groups[0].Count, rows, ScratchBytes / operand.Step, VnniTile.Rows, operand.InPlace ? 0 : operand.Step, (VnniTile.Rows + 1) * VnniTile.Width * sizeof(int), zeroX)
    {
        this.groups = groups;
        this.epilogue = epilogue;
        lift = binding.Input(0).DataType == DataType.I8 ? 128 : 0;
        constantZero = zeroX is not null;
        for (int i = 0; i < groups.Length && zeroX is { } zero; i++) epilogue.TakeFromBias(i * groups[i].Columns, groups[i].Columns, groups[i].ColumnSums, zero + lift);
        nothing = (int*)binding.Allocate(VnniTile.Width * sizeof(int));
        new Span<int>(nothing, VnniTile.Width).Clear();
        if (!epilogue.MayFinish) return;
        (bool signed, int zeroY, int low, int high) = epilogue.Bytes;
        result = signed ? VnniResult.I8 : VnniResult.U8;
        range = (VnniRange*)binding.Allocate(sizeof(VnniRange));
        range->Set(zeroY, low, high);
    }

    public override string Name => $"{Operand.Name}_i8_vnni_{VnniTile.Rows}x{VnniTile.Width}";

    protected override void Multiply(int group, long row, int count, int firstPanel, int lastPanel, int zeroX, byte* memory, int* sums, int* rowSums)
    {
        int step = Operand.Step;
        QuadPanels<QuadLanes512, Vector512<int>> panels = groups[group];
        byte* bytes = Operand.Rows(row, count, group, unchecked((byte)zeroX), memory);
        for (int i = 0; i < count && epilogue.NeedsRowSums; i++) rowSums[i] = unchecked(ByteSums.Total(bytes + (long)i * step, Operand.Length, false) - Operand.Length * (zeroX + lift));
        var call = new VnniTile.Call { Step = step, Quads = panels.Quads, Next = epilogue.Columns, Range = range };
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            int place = panel * VnniTile.Width, columns = Math.Min(VnniTile.Width, panels.Columns - place), column = group * panels.Columns + place;
            bool narrow = panels.IsNarrow(panel);
            call.B = panels.Panel(panel);
            if (range != null)
            {
                call.Start = (int*)epilogue.Bias(column);
                call.Scales = epilogue.Scales(column);
                call.Mask = (1UL << columns) - 1;
                call.A = bytes;
                call.Target = epilogue.At(row, column);
                VnniTile.Run(&call, result, count, narrow);
                continue;
            }
            call.Start = constantZero ? nothing : Start(panels.ColumnSums + place, zeroX + lift, narrow ? VnniTile.Lanes : VnniTile.Width, sums + VnniTile.Rows * VnniTile.Width);
            call.Target = sums;
            for (int r = 0; r < count; r += VnniTile.Rows)
            {
                int height = Math.Min(VnniTile.Rows, count - r);
                call.A = bytes + (long)r * step;
                VnniTile.Sum(&call, height, narrow);
                epilogue.Write(sums, VnniTile.Width, height, row + r, column, columns, rowSums + r);
            }
        }
    }

    /// <summary>What a zero point of x that is not known ahead takes from sums.</summary>
    private static int* Start(int* columnSums, int zero, int width, int* target)
    {
        for (int i = 0; i < width; i++) target[i] = unchecked(-columnSums[i] * zero);
        return target;
    }
}
