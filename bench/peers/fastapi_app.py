"""The list as a FastAPI service would be written: ORM rows in, Pydantic models out, no authentication."""

import os
from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, ForeignKey, func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload


class Base(DeclarativeBase):
    pass


class Connection(Base):
    __tablename__ = "connection"
    id: Mapped[str] = mapped_column(primary_key=True)
    project: Mapped[str]
    name: Mapped[str]
    status: Mapped[str]
    dest_vpc_id: Mapped[str]
    dest_network_id: Mapped[str]
    create_time: Mapped[int] = mapped_column(BigInteger)
    hosts: Mapped[list["Host"]] = relationship()
    available_queue_info: Mapped[list["Peer"]] = relationship()


class Host(Base):
    __tablename__ = "host"
    connection: Mapped[str] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    ip: Mapped[str]


class Peer(Base):
    __tablename__ = "peer"
    connection: Mapped[str] = mapped_column(ForeignKey("connection.id"))
    peer_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    status: Mapped[str]
    err_msg: Mapped[str]
    update_time: Mapped[int] = mapped_column(BigInteger)


class Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class HostRead(Read):
    name: str
    ip: str


class PeerRead(Read):
    peer_id: str
    name: str
    status: str
    err_msg: str
    update_time: int


class ConnectionRead(Read):
    id: str
    name: str
    status: str
    dest_vpc_id: str
    dest_network_id: str
    create_time: int
    hosts: list[HostRead]
    available_queue_info: list[PeerRead]


class Page(BaseModel):
    is_success: bool = True
    message: str = ""
    connections: list[ConnectionRead]
    count: int


engine = create_async_engine(os.environ["PEERS_DATABASE"].replace("postgres://", "postgresql+asyncpg://"))
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


@app.get("/v2.0/{project}/datasource/enhanced-connections")
async def connections(project: str, limit: Annotated[int, Query(ge=1)] = 100, offset: int = 0) -> Page:
    chosen = select(Connection).where(Connection.project == project)
    page = chosen.order_by(Connection.create_time.desc()).limit(limit).offset(offset)
    both = selectinload(Connection.hosts), selectinload(Connection.available_queue_info)
    async with sessions() as session:
        rows = (await session.scalars(page.options(*both))).all()
        count = await session.scalar(select(func.count()).select_from(chosen.subquery()))
    return Page(connections=[ConnectionRead.model_validate(row) for row in rows], count=count)
