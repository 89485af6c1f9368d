import numpy as np
from numpy.polynomial import chebyshev as C
def remez_ls(g,w,basis,a,b,n):
    # iteratively reweighted LS towards minimax
    x=np.cos(np.linspace(0,np.pi,4001))*(b-a)/2+(a+b)/2
    A=np.stack([bf(x) for bf in basis],1); y=g(x); W=w(x); lam=np.ones_like(x)
    best=None
    for it in range(300):
        sw=np.sqrt(lam)*W
        c,*_=np.linalg.lstsq(A*sw[:,None],y*sw,rcond=None)
        r=abs((A@c-y)*W)
        if best is None or r.max()<best[0]: best=(r.max(),c)
        lam*= (r/r.max()+1e-3); lam/=lam.max()
    return best
# exp2: (2^f-1) = f Q(f), rel err of 2^f
for d in (5,6):
    e,c=remez_ls(lambda x:2.0**x-1,lambda x:2.0**-x,[lambda x,k=k:x**(k+1) for k in range(d)],-.501,.501,d)
    print('exp2 deg',d,e,[repr(float(np.float32(v))) for v in c])
Z=(np.sqrt(2)-1)/(np.sqrt(2)+1)*1.0001
for d in (3,4):
    e,c=remez_ls(lambda z:np.where(abs(z)<1e-9,2/np.log(2),2*np.arctanh(z)/np.log(2)/np.where(z==0,1,z)),lambda z:np.ones_like(z),[lambda z,k=k:z**(2*k) for k in range(d)],0,Z,d)
    print('log2',d,e/2.885,[repr(float(np.float32(v))) for v in c])
