namespace EdgeRuntime.Operators;

/// <summary>One step of one direction of a recurrent layer, in double precision (the formulas of ONNX RNN-14, GRU-14 and LSTM-14).</summary>
internal sealed class RecurrentStep
{
    private readonly RecurrentLayer layer;
    private readonly int direction, width, hidden;
    private readonly double[] w, r, bias, peepholes;

    /// <param name="layer">The layer.</param>
    /// <param name="direction">0, or 1 for the way back of both.</param>
    /// <param name="width">Elements of x in one step.</param>
    /// <param name="inputs">The layer's inputs.</param>
    public RecurrentStep(RecurrentLayer layer, int direction, int width, double[][] inputs)
    {
        this.layer = layer;
        this.direction = direction;
        this.width = width;
        hidden = layer.Hidden;
        w = inputs[1];
        r = inputs[2];
        bias = inputs[RecurrentLayer.Bias];
        peepholes = inputs[RecurrentLayer.Peepholes];
    }

    /// <summary>Brings the state from before the step to after it.</summary>
    public void Run(ReadOnlySpan<double> x, double[] h, double[] c)
    {
        double[] before = [.. h];
        switch (layer.Cell)
        {
            case RecurrentCell.Simple:
                for (int j = 0; j < hidden; j++) h[j] = Activate(0, FromX(x, 0, j) + FromH(before, 0, j));
                break;
            case RecurrentCell.Gru: RunGru(x, before, h); break;
            default: RunLstm(x, before, h, c); break;
        }
    }

    private void RunGru(ReadOnlySpan<double> x, double[] before, double[] h)
    {
        const int Update = 0, Reset = 1, Candidate = 2;
        var reset = new double[hidden];
        var muted = new double[hidden];
        for (int j = 0; j < hidden; j++)
        {
            reset[j] = Activate(0, FromX(x, Reset, j) + FromH(before, Reset, j));
            muted[j] = reset[j] * before[j];
        }
        for (int j = 0; j < hidden; j++)
        {
            double update = Activate(0, FromX(x, Update, j) + FromH(before, Update, j));
            double recurrent = layer.LinearBeforeReset ? reset[j] * FromH(before, Candidate, j) : FromH(muted, Candidate, j);
            h[j] = (1 - update) * Activate(1, FromX(x, Candidate, j) + recurrent) + update * before[j];
        }
    }

    private void RunLstm(ReadOnlySpan<double> x, double[] before, double[] h, double[] c)
    {
        const int Input = 0, Output = 1, Forget = 2, Candidate = 3;
        for (int j = 0; j < hidden; j++)
        {
            double old = c[j];
            double input = Activate(0, FromX(x, Input, j) + FromH(before, Input, j) + Peephole(0, j) * old);
            double forget = layer.CoupledForget ? 1 - input : Activate(0, FromX(x, Forget, j) + FromH(before, Forget, j) + Peephole(2, j) * old);
            double candidate = Activate(1, FromX(x, Candidate, j) + FromH(before, Candidate, j));
            c[j] = forget * old + input * candidate;
            double output = Activate(0, FromX(x, Output, j) + FromH(before, Output, j) + Peephole(1, j) * c[j]);
            h[j] = output * Activate(2, c[j]);
        }
    }

    private double FromX(ReadOnlySpan<double> x, int gate, int j)
    {
        long row = (direction * layer.Gates + gate) * (long)hidden + j;
        double sum = Bias(0, gate, j);
        for (int i = 0; i < width; i++) sum += x[i] * w[row * width + i];
        return sum;
    }

    private double FromH(double[] h, int gate, int j)
    {
        long row = (direction * layer.Gates + gate) * (long)hidden + j;
        double sum = Bias(1, gate, j);
        for (int i = 0; i < hidden; i++) sum += h[i] * r[row * hidden + i];
        return sum;
    }

    /// <summary>Half 0 belongs to the input's product, half 1 to the recurrent one.</summary>
    private double Bias(int half, int gate, int j) =>
        bias.Length == 0 ? 0 : bias[((direction * 2 + half) * layer.Gates + gate) * hidden + j];

    /// <summary>Weights from the cell's state to the gates input, output, forget.</summary>
    private double Peephole(int gate, int j) => peepholes.Length == 0 ? 0 : peepholes[(direction * 3 + gate) * hidden + j];

    private double Activate(int index, double value) =>
        layer.ActivationOf(direction, index).Apply(layer.Clip > 0 ? Math.Clamp(value, -layer.Clip, layer.Clip) : value);
}
