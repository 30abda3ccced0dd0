using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Convolution by 3x3 windows with stride 1 as Winograd has it: F(4x4, 3x3) takes 36 products of channels for 16 pixels, not 144, and F(2x2, 3x3) 16 for 4, not 36. A block of patches is
/// transformed into the worker's scratch memory, multiplied place by place by the weights that were transformed when it was bound, and transformed back.
/// </summary>
internal sealed unsafe class WinogradKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    /// <summary>Floats of a block, transformed and multiplied: half of a small second-level cache.</summary>
    private const int BlockFloats = 48 * 1024;

    private const int LeastBlock = 4, LargestBlock = 48;

    private readonly ConvGeometry g;
    private readonly GemmPanels<L, V> panels;
    private readonly FastActivation activation;
    private readonly float* x, y, residual, bias, mask, scratch;
    private readonly nint* zeroOffset;
    private readonly int side, span, places, outputs, residualChannels, rows, columns, patches, block, channelStep;
    private readonly long scratchFloats, productsAt, patchAt, temporaryAt;

    private WinogradKernel(CpuBinding binding, Conv op, ConvGeometry geometry, int side)
    {
        g = geometry;
        this.side = side;
        span = side + 2;
        places = span * span;
        activation = new FastActivation(op.Activation);
        TensorView weight = binding.Input(1), given = binding.Input(Conv.Bias), added = binding.Input(Conv.Residual);
        x = (float*)binding.Input(0).Data;
        y = (float*)binding.Output(0).Data;
        outputs = weight.Shape[0];
        bias = given.IsMissing ? (float*)binding.Allocate(outputs * sizeof(float)) : (float*)given.Data;
        if (!added.IsMissing)
        {
            residual = (float*)added.Data;
            residualChannels = added.Shape[-1];
            mask = (float*)binding.Allocate(outputs * sizeof(int));
            new Span<int>(mask, residualChannels).Fill(-1);
        }
        zeroOffset = (nint*)binding.Allocate(sizeof(nint));

        panels = new GemmPanels<L, V>(binding, g.Channels, outputs, null, 0, packed: true, input: 1, $"winograd {side}", places);
        if (!panels.IsPacked) Pack((float*)weight.Data);

        rows = (g.OutY + side - 1) / side;
        columns = (g.OutX + side - 1) / side;
        patches = checked(g.Batch * rows * columns);
        channelStep = (g.Channels + L.Count - 1) / L.Count * L.Count;
        int fitting = Math.Clamp(BlockFloats / (places * (channelStep + outputs)), LeastBlock, LargestBlock), shared = (patches + 2 * binding.Workers - 1) / (2 * binding.Workers);
        int blocks = (patches + fitting - 1) / fitting;
        if (binding.Workers > 1) blocks = Math.Max(blocks, (patches + Math.Max(shared, LeastBlock) - 1) / Math.Max(shared, LeastBlock));
        block = (patches + blocks - 1) / blocks;
        Tiles = (patches + block - 1) / block;

        productsAt = (long)places * block * channelStep;
        patchAt = productsAt + Rounded((long)places * block * outputs);
        temporaryAt = patchAt + Rounded((long)places * g.Channels + L.Count);
        scratchFloats = temporaryAt + Rounded((long)places * L.Count);
        scratch = (float*)binding.Scratch(scratchFloats * binding.Workers * sizeof(float));
        Name = $"conv3x3_f32_winograd{side}_{panels.Tile}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>The kernel for a step; <paramref name="side"/> is 2 or 4, the outputs a side of a patch.</summary>
    public static CpuKernel Bind(CpuBinding binding, Conv op, ConvGeometry geometry, int side) => new WinogradKernel<L, V>(binding, op, geometry, side);

    public override void Run(int first, int last, int worker)
    {
        float* transformed = scratch + worker * scratchFloats, products = transformed + productsAt;
        float* patch = transformed + patchAt, temporary = transformed + temporaryAt;
        for (int index = first; index < last; index++)
        {
            int from = index * block, count = Math.Min(block, patches - from);
            for (int i = 0; i < count; i++) TransformInput(from + i, transformed + (long)i * channelStep, patch, temporary);
            Multiply(transformed, products, count);
            for (int i = 0; i < count; i++) TransformOutput(from + i, products + (long)i * outputs, temporary);
        }
    }

    private void TransformInput(int index, float* target, float* patch, float* temporary)
    {
        int left = index % columns * side - g.PadX, line = index / columns, top = line % rows * side - g.PadY, image = line / rows;
        float* picture = x + (long)image * g.SizeY * g.SizeX * g.Channels, source;
        nint rowStep, placeStep = (nint)block * channelStep;
        if (left >= 0 && top >= 0 && left + span <= g.SizeX && top + span <= g.SizeY)
        {
            rowStep = (nint)g.SizeX * g.Channels;
            source = picture + top * rowStep + left * g.Channels;
        }
        else
        {
            rowStep = span * g.Channels;
            source = patch;
            CopyPatch(picture, top, left, patch);
        }
        // Lanes beyond the last channel take whatever lies there: no product reads them.
        for (int c = 0; c < g.Channels; c += L.Count)
        {
            if (side == 4) WinogradTransform.Input4<L, V>(source + c, rowStep, g.Channels, target + c, placeStep, temporary);
            else WinogradTransform.Input2<L, V>(source + c, rowStep, g.Channels, target + c, placeStep, temporary);
        }
    }

    /// <summary>Copies a patch that sticks out of the picture, with zeros for what is outside.</summary>
    private void CopyPatch(float* picture, int top, int left, float* patch)
    {
        int before = Math.Clamp(-left, 0, span), after = Math.Clamp(left + span - g.SizeX, 0, span - before), inside = span - before - after, width = span * g.Channels;
        for (int i = 0; i < span; i++, patch += width)
        {
            var line = new Span<float>(patch, width);
            int row = top + i;
            if (row < 0 || row >= g.SizeY)
            {
                line.Clear();
                continue;
            }
            line[..(before * g.Channels)].Clear();
            new Span<float>(picture + ((long)row * g.SizeX + left + before) * g.Channels, inside * g.Channels).CopyTo(line[(before * g.Channels)..]);
            line[((before + inside) * g.Channels)..].Clear();
        }
    }

    private void Multiply(float* transformed, float* products, int count)
    {
        GemmTile tile = default;
        tile.AStep = channelStep;
        tile.Offsets = zeroOffset;
        tile.Segments = 1;
        tile.Length = g.Channels;
        tile.YStep = outputs;
        for (int place = 0; place < places; place++)
        {
            tile.A = transformed + (long)place * block * channelStep;
            tile.Y = products + (long)place * block * outputs;
            panels.Multiply(ref tile, count, 0, panels.Count, matrix: place);
        }
    }

    private void TransformOutput(int index, float* products, float* temporary)
    {
        int column = index % columns * side, line = index / columns, row = line % rows * side, image = line / rows;
        int lines = Math.Min(side, g.OutY - row), pixels = Math.Min(side, g.OutX - column);
        nint lineStep = (nint)g.OutX * outputs, residualStep = (nint)g.OutX * residualChannels;
        long pixel = ((long)image * g.OutY + row) * g.OutX + column;
        GemmTile tile = default;
        activation.Set(ref tile);
        tile.YStep = outputs;
        tile.ResidualStep = residualChannels;
        for (int o = 0; o < outputs; o += L.Count)
        {
            // The last vector overlaps the one before it; what is in both is computed twice, alike.
            int at = Math.Min(o, outputs - L.Count);
            tile.Bias = bias + at;
            tile.Mask = mask + at;
            tile.Y = y + pixel * outputs + at;
            tile.Residual = at < residualChannels ? residual + pixel * residualChannels + at : null;
            if (side == 4) WinogradTransform.Output4<L, V>(products + at, (nint)block * outputs, ref tile, lines, pixels, lineStep, residualStep, temporary);
            else WinogradTransform.Output2<L, V>(products + at, (nint)block * outputs, ref tile, lines, pixels, lineStep, residualStep, temporary);
        }
        for (int i = 0; activation.Rest != null && i < lines; i++)
        {
            float* finished = y + pixel * outputs + i * lineStep;
            activation.Rest.Apply(finished, finished, (long)pixels * outputs);
        }
    }

    /// <summary>The weights [outputs, 3, 3, channels], transformed: for each place a matrix [channels, outputs].</summary>
    private void Pack(float* weight)
    {
        for (int panel = 0; panel < panels.Count; panel++)
        {
            float* target = panels.Room(panel, out int start, out int columns, out int width), from = weight + start * 9L * g.Channels;
            if (L.Count < 4) PackEach(from, columns, target, width);
            else PackFours(from, columns, target, width);
        }
    }

    /// <summary>Four outputs and four channels at a time: lanes are channels while they are transformed, and outputs where they go.</summary>
    private void PackFours(float* weight, int columns, float* target, int width)
    {
        float* transformed = stackalloc float[36 * 16];
        for (int first = 0; first < g.Channels; first += 4)
        {
            // There are eight channels at least; those that the last four have in common with the ones before are the same twice.
            int c = Math.Min(first, g.Channels - 4);
            for (int o = 0; o < width; o += 4)
            {
                for (int i = 0; i < 4; i++)
                    if (o + i < columns) WinogradTransform.Weights(weight + (o + i) * 9L * g.Channels + c, g.Channels, transformed + 4 * i, 16, side);
                    else
                        for (int place = 0; place < places; place++) new Span<float>(transformed + 16 * place + 4 * i, 4).Clear();
                float* to = target + (nint)c * width + o;
                for (int place = 0; place < places; place++) WordMoves.Transpose4((uint*)transformed + 16 * place, 4, (uint*)(to + place * panels.MatrixFloats), width);
            }
        }
    }

    private void PackEach(float* weight, int columns, float* target, int width)
    {
        Span<double> window = stackalloc double[9], result = stackalloc double[36];
        for (int c = 0; c < g.Channels; c++)
            for (int o = 0; o < columns; o++)
            {
                for (int tap = 0; tap < 9; tap++) window[tap] = weight[((long)o * 9 + tap) * g.Channels + c];
                WinogradTransform.Weights(window, result, side);
                for (int place = 0; place < places; place++) target[place * panels.MatrixFloats + (nint)c * width + o] = (float)result[place];
            }
    }

    private static long Rounded(long floats) => (floats + 15) / 16 * 16;
}
